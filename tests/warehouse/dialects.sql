-- bigquery

-- bigquery: equal
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'open' AND `t1`.`assignee_id` = 7) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: any of
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`status` IN ('new', 'open') ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: or
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'new' OR CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 END > 1) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: exclude
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT COALESCE((`t1`.`assignee_id` = 7), FALSE) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: missing
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`assignee_id` IS NULL ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: since
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`created_at` >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: since, texts
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND SAFE_CAST(`t1`.`created_at` AS TIMESTAMP) >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY SAFE_CAST(`t1`.`created_at` AS TIMESTAMP) DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: other column
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND TIMESTAMP(DATETIME(`t1`.`updated_at`, 'UTC')) > TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC')) ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: day of the week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND ((MOD((MOD((MOD(DATE_DIFF(CAST(TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC')) AS DATE), CAST('1970-01-05' AS DATE), DAY), 7)) + 7, 7)) + 1, 7)) + 1) = 2 ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXTRACT(ISOWEEK FROM TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC'))) = 7 ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: contains
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND INSTR(LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ſ', 's'), 'ﬁ', 'fi'), 'ﬃ', 'ffi')), 'it\'s 5%\\') > 0 ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: ends with
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND RIGHT(`t1`.`subject`, 4) = 'fire' ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: pattern
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_CONTAINS(`t1`.`subject`, '^Re: [\\p{Nd}]+') ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: pattern in any case
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_CONTAINS(`t1`.`subject`, '(?i)^re:') ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: tags, array
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (EXISTS(SELECT 1 FROM UNNEST(`t1`.`tags`) AS _col WHERE _col = 'vip') OR EXISTS(SELECT 1 FROM UNNEST(`t1`.`tags`) AS _col WHERE _col = 'refund')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: tags, table
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND EXISTS(SELECT 1 FROM `zendesk`.`ticket_tag` AS `m` WHERE `m`.`ticket_id` = `t1`.`id` AND `m`.`tag` IN ('vip')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: tags, JSON
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND 'vip' IN UNNEST(JSON_VALUE_ARRAY(`t1`.`tags`, '$')) ORDER BY SAFE_CAST(`t1`.`created_at` AS TIMESTAMP) DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: no tags
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`tags` IS NULL OR COALESCE(ARRAY_LENGTH(`t1`.`tags`), 0) <= 0) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel')) = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: order inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN NOT SUBSTRING(JSON_QUERY(TO_JSON_STRING(`t1`.`via`), '$.channel'), 1, 1) = '"' THEN SAFE_CAST((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel')) AS FLOAT64) END ASC NULLS LAST, CASE WHEN NOT SUBSTRING(JSON_QUERY(TO_JSON_STRING(`t1`.`via`), '$.channel'), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel'))) = 'true' THEN 1 WHEN LOWER((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel'))) = 'false' THEN 0 END END ASC NULLS LAST, CASE WHEN SUBSTRING(JSON_QUERY(TO_JSON_STRING(`t1`.`via`), '$.channel'), 1, 1) = '"' THEN (JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel')) END ASC NULLS LAST, `t1`.`id` ASC NULLS LAST;

-- bigquery: flag inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN NOT SUBSTRING(JSON_QUERY(TO_JSON_STRING(`t1`.`via`), '$.channel'), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel'))) = 'true' THEN TRUE WHEN LOWER((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel'))) = 'false' THEN FALSE END END = TRUE ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: text inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN SUBSTRING(JSON_QUERY(TO_JSON_STRING(`t1`.`via`), '$.channel'), 1, 1) = '"' OR NOT SAFE_CAST((JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel')) AS FLOAT64) IS NULL THEN (JSON_VALUE(TO_JSON_STRING(`t1`.`via`), '$.channel')) END > 't' ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: inside columns
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND `t1`.`via_channel` = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: related row
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `zendesk`.`users` AS `t2` WHERE LOWER(`t2`.`email`) = 'ann@example.com') AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: custom field of a kind
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (SAFE_CAST(((SELECT COALESCE(JSON_VALUE(item, '$.value'), JSON_QUERY(item, '$.value')) FROM UNNEST(JSON_QUERY_ARRAY(TO_JSON_STRING(`t1`.`custom_fields`), '$')) AS item WHERE JSON_VALUE(item, '$.id') = '42' LIMIT 1)) AS FLOAT64) > 5 AND SAFE_CAST(SUBSTRING(((SELECT COALESCE(JSON_VALUE(item, '$.value'), JSON_QUERY(item, '$.value')) FROM UNNEST(JSON_QUERY_ARRAY(TO_JSON_STRING(`t1`.`custom_fields`), '$')) AS item WHERE JSON_VALUE(item, '$.id') = '43' LIMIT 1)), 1, 10) AS DATE) = CAST('2026-01-02' AS DATE)) ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: custom field, text
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (('a' IN UNNEST(JSON_VALUE_ARRAY(NULLIF((SELECT JSON_QUERY(item, '$.value') FROM UNNEST(JSON_QUERY_ARRAY(`t1`.`custom_fields`, '$')) AS item WHERE JSON_VALUE(item, '$.id') = '44' LIMIT 1), 'null'), '$')) OR 'b' IN UNNEST(JSON_VALUE_ARRAY(NULLIF((SELECT JSON_QUERY(item, '$.value') FROM UNNEST(JSON_QUERY_ARRAY(`t1`.`custom_fields`, '$')) AS item WHERE JSON_VALUE(item, '$.id') = '44' LIMIT 1), 'null'), '$'))) OR ((SELECT COALESCE(JSON_VALUE(item, '$.value'), JSON_QUERY(item, '$.value')) FROM UNNEST(JSON_QUERY_ARRAY(`t1`.`custom_fields`, '$')) AS item WHERE JSON_VALUE(item, '$.id') = '44' LIMIT 1)) IN ('a', 'b')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: custom field of a related row
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `main`.`zendesk`.`users` AS `t2` WHERE CASE WHEN NOT SUBSTRING(JSON_QUERY(`t2`.`user_fields`, '$.plan'), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_VALUE(`t2`.`user_fields`, '$.plan'))) = 'true' THEN TRUE WHEN LOWER((JSON_VALUE(`t2`.`user_fields`, '$.plan'))) = 'false' THEN FALSE END END = TRUE) AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: groups of a custom field
SELECT NULLIF((SELECT JSON_QUERY(item, '$.value') FROM UNNEST(JSON_QUERY_ARRAY(`t1`.`custom_fields`, '$')) AS item WHERE JSON_VALUE(item, '$.id') = '44' LIMIT 1), 'null'), COUNT(*) FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY NULLIF((SELECT JSON_QUERY(item, '$.value') FROM UNNEST(JSON_QUERY_ARRAY(`t1`.`custom_fields`, '$')) AS item WHERE JSON_VALUE(item, '$.id') = '44' LIMIT 1), 'null');

-- bigquery: distinct
SELECT `t3`.`id`, `t3`.`updated_at`, `t3`.`status`, `t3`.`group_id` FROM (SELECT `t1`.*, ROW_NUMBER() OVER (PARTITION BY `t1`.`status`, `t2`.`name` ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST) AS `_row_number` FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AS `t3` WHERE `t3`.`_row_number` = 1 ORDER BY `t3`.`created_at` DESC NULLS FIRST, `t3`.`id` DESC NULLS FIRST LIMIT 5;

-- bigquery: letters
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'ß', 'ss'), 'ſ', 's'), 'ẞ', 'ss'), 'ﬅ', 'st'), 'ﬆ', 'st'), 'É', 'é')) = 'strasse é' ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- bigquery: words
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_CONTAINS(`t1`.`subject`, '(?i)\\bre((\\-fund|pay))?[^\\p{L}\\p{N}_][^\\n](\\n?\\z)') ORDER BY `t1`.`id` ASC NULLS LAST;

-- bigquery: order
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 ELSE CASE WHEN NOT `t1`.`priority` IS NULL THEN 4 END END DESC NULLS FIRST, CASE WHEN `t1`.`priority` IN ('low', 'normal', 'high', 'urgent') THEN '' ELSE `t1`.`priority` END DESC NULLS FIRST, `t1`.`subject` ASC NULLS LAST, `t1`.`id` ASC NULLS LAST LIMIT 10 OFFSET 20;

-- bigquery: groups
SELECT `t2`.`name`, EXTRACT(MONTH FROM TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC'))), COUNT(*), MAX(`t1`.`updated_at`) FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY `t2`.`name`, EXTRACT(MONTH FROM TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC')));

-- bigquery: groups with conditions
SELECT EXTRACT(ISOWEEK FROM TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC'))), COUNT(CASE WHEN `t1`.`priority` = 'urgent' THEN 1 END), MAX(CASE WHEN NOT COALESCE((EXISTS(SELECT 1 FROM UNNEST(`t1`.`tags`) AS _col WHERE _col = 'vip')), FALSE) THEN `t1`.`id` END), AVG(CAST(CASE WHEN INSTR(LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ﬀ', 'ff'), 'ﬁ', 'fi'), 'ﬃ', 'ffi')), 'fire') > 0 THEN `t1`.`id` END AS FLOAT64)) FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY EXTRACT(ISOWEEK FROM TIMESTAMP(DATETIME(`t1`.`created_at`, 'UTC')));

-- databricks

-- databricks: equal
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'open' AND `t1`.`assignee_id` = 7) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: any of
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`status` IN ('new', 'open') ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: or
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'new' OR CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 END > 1) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: exclude
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT COALESCE((`t1`.`assignee_id` = 7), FALSE) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: missing
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`assignee_id` IS NULL ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: since
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`created_at` >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: since, texts
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND TRY_CAST(`t1`.`created_at` AS TIMESTAMP) >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY TRY_CAST(`t1`.`created_at` AS TIMESTAMP) DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: other column
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND FROM_UTC_TIMESTAMP(`t1`.`updated_at`, 'UTC') > FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC') ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: day of the week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (((((((((DATEDIFF(DAY, CAST('1970-01-05' AS DATE), CAST(FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC') AS DATE))) % 7) + 7)) % 7) + 1)) % 7) + 1) = 2 ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')) = 7 ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: contains
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND LOCATE('it\'s 5%\\', LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ſ', 's'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: ends with
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND RIGHT(`t1`.`subject`, 4) = 'fire' ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: pattern
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_LIKE(`t1`.`subject`, '^Re: [\\p{Nd}]+') ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: pattern in any case
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_LIKE(`t1`.`subject`, '(?i)^re:') ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: tags, array
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (ARRAY_CONTAINS(`t1`.`tags`, 'vip') OR ARRAY_CONTAINS(`t1`.`tags`, 'refund')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: tags, table
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND EXISTS(SELECT 1 FROM `zendesk`.`ticket_tag` AS `m` WHERE `m`.`ticket_id` = `t1`.`id` AND `m`.`tag` IN ('vip')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: tags, JSON
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND ARRAY_CONTAINS(FROM_JSON(`t1`.`tags`, 'array<string>'), 'vip') ORDER BY TRY_CAST(`t1`.`created_at` AS TIMESTAMP) DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: no tags
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`tags` IS NULL OR COALESCE(SIZE(`t1`.`tags`), 0) <= 0) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: order inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN TRY_CAST((GET_JSON_OBJECT(`t1`.`via`, '$.channel')) AS DOUBLE) END ASC NULLS LAST, CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'true' THEN 1 WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'false' THEN 0 END END ASC NULLS LAST, CASE WHEN (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) END ASC NULLS LAST, `t1`.`id` ASC NULLS LAST;

-- databricks: flag inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'true' THEN TRUE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'false' THEN FALSE END END = TRUE ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: text inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) OR NOT TRY_CAST((GET_JSON_OBJECT(`t1`.`via`, '$.channel')) AS DOUBLE) IS NULL THEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) END > 't' ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: inside columns
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND `t1`.`via_channel` = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: related row
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `zendesk`.`users` AS `t2` WHERE LOWER(`t2`.`email`) = 'ann@example.com') AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: custom field of a kind
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (TRY_CAST((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '42'), 0).value) AS DOUBLE) > 5 AND TRY_CAST(SUBSTRING((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '43'), 0).value), 1, 10) AS DATE) = CAST('2026-01-02' AS DATE)) ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: custom field, text
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND ((ARRAY_CONTAINS(FROM_JSON((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), 'array<string>'), 'a') OR ARRAY_CONTAINS(FROM_JSON((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), 'array<string>'), 'b')) OR (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value) IN ('a', 'b')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: custom field of a related row
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `main`.`zendesk`.`users` AS `t2` WHERE CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: DOUBLE>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: BOOLEAN>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: ARRAY<STRING>>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: MAP<STRING, STRING>>').`plan` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t2`.`user_fields`, '$.plan'))) = 'true' THEN TRUE WHEN LOWER((GET_JSON_OBJECT(`t2`.`user_fields`, '$.plan'))) = 'false' THEN FALSE END END = TRUE) AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: groups of a custom field
SELECT (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), COUNT(*) FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value);

-- databricks: distinct
SELECT `t3`.`id`, `t3`.`updated_at`, `t3`.`status`, `t3`.`group_id` FROM (SELECT `t1`.*, ROW_NUMBER() OVER (PARTITION BY `t1`.`status`, `t2`.`name` ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST) AS `_row_number` FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AS `t3` WHERE `t3`.`_row_number` = 1 ORDER BY `t3`.`created_at` DESC NULLS FIRST, `t3`.`id` DESC NULLS FIRST LIMIT 5;

-- databricks: letters
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'ß', 'ss'), 'ſ', 's'), 'ẞ', 'ss'), 'ﬅ', 'st'), 'ﬆ', 'st'), 'É', 'é')) = 'strasse é' ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- databricks: words
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND REGEXP_LIKE(`t1`.`subject`, '(?i)\\bre((\\-fund|pay))?[^\\p{L}\\p{N}_][^\\n](\\n?\\z)') ORDER BY `t1`.`id` ASC NULLS LAST;

-- databricks: order
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 ELSE CASE WHEN NOT `t1`.`priority` IS NULL THEN 4 END END DESC NULLS FIRST, CASE WHEN `t1`.`priority` IN ('low', 'normal', 'high', 'urgent') THEN '' ELSE `t1`.`priority` END DESC NULLS FIRST, `t1`.`subject` ASC NULLS LAST, `t1`.`id` ASC NULLS LAST LIMIT 10 OFFSET 20;

-- databricks: groups
SELECT `t2`.`name`, EXTRACT(MONTH FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')), COUNT(*), MAX(`t1`.`updated_at`) FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY `t2`.`name`, EXTRACT(MONTH FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC'));

-- databricks: groups with conditions
SELECT EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')), COUNT(CASE WHEN `t1`.`priority` = 'urgent' THEN 1 END), MAX(CASE WHEN NOT COALESCE((ARRAY_CONTAINS(`t1`.`tags`, 'vip')), FALSE) THEN `t1`.`id` END), AVG(CAST(CASE WHEN LOCATE('fire', LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ﬀ', 'ff'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 THEN `t1`.`id` END AS DOUBLE)) FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC'));

-- snowflake

-- snowflake: equal
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND ("t1"."STATUS" = 'open' AND "t1"."ASSIGNEE_ID" = 7) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: any of
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND "t1"."STATUS" IN ('new', 'open') ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: or
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND ("t1"."STATUS" = 'new' OR CASE WHEN "t1"."PRIORITY" = 'low' THEN 0 WHEN "t1"."PRIORITY" = 'normal' THEN 1 WHEN "t1"."PRIORITY" = 'high' THEN 2 WHEN "t1"."PRIORITY" = 'urgent' THEN 3 END > 1) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: exclude
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND NOT COALESCE(("t1"."ASSIGNEE_ID" = 7), FALSE) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: missing
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND "t1"."ASSIGNEE_ID" IS NULL ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: since
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND "t1"."CREATED_AT" >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMPTZ) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: since, texts
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND TRY_CAST("t1"."CREATED_AT" AS TIMESTAMPTZ) >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMPTZ) ORDER BY TRY_CAST("t1"."CREATED_AT" AS TIMESTAMPTZ) DESC, "t1"."ID" DESC;

-- snowflake: other column
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND CONVERT_TIMEZONE('UTC', "t1"."UPDATED_AT") > CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT") ORDER BY "t1"."ID" ASC;

-- snowflake: day of the week
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND (((((((((DATEDIFF(DAY, CAST('1970-01-05' AS DATE), CAST(CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT") AS DATE))) % 7) + 7)) % 7) + 1)) % 7) + 1) = 2 ORDER BY "t1"."ID" ASC;

-- snowflake: week
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND WEEKISO(CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT")) = 7 ORDER BY "t1"."ID" ASC;

-- snowflake: contains
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND CHARINDEX('it\'s 5%\\', LOWER(REPLACE(REPLACE(REPLACE(REPLACE("t1"."SUBJECT", 'İ', 'i̇'), 'ſ', 's'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 ORDER BY "t1"."ID" ASC;

-- snowflake: ends with
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND RIGHT("t1"."SUBJECT", 4) = 'fire' ORDER BY "t1"."ID" ASC;

-- snowflake: pattern
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."SUBJECT", '(.|\n)*(^Re: [\\d]+)(.|\n)*') ORDER BY "t1"."ID" ASC;

-- snowflake: pattern in any case
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."SUBJECT", '(.|\n)*(^re:)(.|\n)*', 'i') ORDER BY "t1"."ID" ASC;

-- snowflake: tags, array
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND (ARRAY_CONTAINS(CAST('vip' AS VARIANT), "t1"."TAGS") OR ARRAY_CONTAINS(CAST('refund' AS VARIANT), "t1"."TAGS")) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: tags, table
SELECT "t1"."ID" FROM "ZENDESK"."TICKET" AS "t1" WHERE (NOT COALESCE("t1"."_FIVETRAN_DELETED", FALSE) AND NOT COALESCE("t1"."STATUS" = 'deleted', FALSE)) AND EXISTS(SELECT 1 FROM "ZENDESK"."TICKET_TAG" AS "m" WHERE "m"."TICKET_ID" = "t1"."ID" AND "m"."TAG" IN ('vip')) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: tags, JSON
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND ARRAY_CONTAINS(CAST('vip' AS VARIANT), TRY_PARSE_JSON(TO_CHAR("t1"."TAGS"))) ORDER BY TRY_CAST("t1"."CREATED_AT" AS TIMESTAMPTZ) DESC, "t1"."ID" DESC;

-- snowflake: no tags
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND ("t1"."TAGS" IS NULL OR COALESCE(ARRAY_SIZE("t1"."TAGS"), 0) <= 0) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: inside an object
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND (TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel'))) = 'web' ORDER BY "t1"."ID" ASC;

-- snowflake: order inside an object
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) ORDER BY CASE WHEN NOT SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')), 1, 1) = '"' THEN TRY_CAST((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel'))) AS DOUBLE) END ASC, CASE WHEN NOT SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')), 1, 1) = '"' THEN CASE WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')))) = 'true' THEN 1 WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')))) = 'false' THEN 0 END END ASC, CASE WHEN SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')), 1, 1) = '"' THEN (TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel'))) END ASC, "t1"."ID" ASC;

-- snowflake: flag inside an object
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND CASE WHEN NOT SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')), 1, 1) = '"' THEN CASE WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')))) = 'true' THEN TRUE WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')))) = 'false' THEN FALSE END END = TRUE ORDER BY "t1"."ID" ASC;

-- snowflake: text inside an object
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND CASE WHEN SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel')), 1, 1) = '"' OR NOT TRY_CAST((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel'))) AS DOUBLE) IS NULL THEN (TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t1"."VIA")), 'channel'))) END > 't' ORDER BY "t1"."ID" ASC;

-- snowflake: inside columns
SELECT "t1"."ID" FROM "ZENDESK"."TICKET" AS "t1" WHERE (NOT COALESCE("t1"."_FIVETRAN_DELETED", FALSE) AND NOT COALESCE("t1"."STATUS" = 'deleted', FALSE)) AND "t1"."VIA_CHANNEL" = 'web' ORDER BY "t1"."ID" ASC;

-- snowflake: related row
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND EXISTS(SELECT 1 FROM (SELECT "t2"."ID" AS "value" FROM "ZENDESK"."USERS" AS "t2" WHERE LOWER("t2"."EMAIL") = 'ann@example.com') AS "s" WHERE "s"."value" = "t1"."REQUESTER_ID") ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: custom field of a kind
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND (TRY_CAST((TO_CHAR(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '42'), 0), 'value'))) AS DOUBLE) > 5 AND TRY_CAST(SUBSTRING((TO_CHAR(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '43'), 0), 'value'))), 1, 10) AS DATE) = CAST('2026-01-02' AS DATE)) ORDER BY "t1"."ID" ASC;

-- snowflake: custom field, text
SELECT "t1"."ID" FROM "MAIN"."ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND ((ARRAY_CONTAINS(CAST('a' AS VARIANT), TRY_PARSE_JSON(TO_CHAR(NULLIF(TO_JSON(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '44'), 0), 'value')), 'null')))) OR ARRAY_CONTAINS(CAST('b' AS VARIANT), TRY_PARSE_JSON(TO_CHAR(NULLIF(TO_JSON(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '44'), 0), 'value')), 'null'))))) OR (TO_CHAR(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '44'), 0), 'value'))) IN ('a', 'b')) ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: custom field of a related row
SELECT "t1"."ID" FROM "MAIN"."ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND NOT EXISTS(SELECT 1 FROM (SELECT "t2"."ID" AS "value" FROM "MAIN"."ZENDESK"."USERS" AS "t2" WHERE CASE WHEN NOT SUBSTRING(TO_JSON(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t2"."USER_FIELDS")), 'plan')), 1, 1) = '"' THEN CASE WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t2"."USER_FIELDS")), 'plan')))) = 'true' THEN TRUE WHEN LOWER((TO_CHAR(GET_PATH(TRY_PARSE_JSON(TO_CHAR("t2"."USER_FIELDS")), 'plan')))) = 'false' THEN FALSE END END = TRUE) AS "s" WHERE "s"."value" = "t1"."REQUESTER_ID") ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: groups of a custom field
SELECT NULLIF(TO_JSON(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '44'), 0), 'value')), 'null'), COUNT(*) FROM "MAIN"."ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) GROUP BY NULLIF(TO_JSON(GET(GET(FILTER(CAST(TRY_PARSE_JSON(TO_CHAR("t1"."CUSTOM_FIELDS")) AS ARRAY), item -> CAST(GET_PATH(item, 'id') AS VARCHAR) = '44'), 0), 'value')), 'null');

-- snowflake: distinct
SELECT "t3"."ID", "t3"."UPDATED_AT", "t3"."STATUS", "t3"."GROUP_ID" FROM (SELECT "t1".*, ROW_NUMBER() OVER (PARTITION BY "t1"."STATUS", "t2"."NAME" ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC) AS "_row_number" FROM "ZENDESK"."TICKETS" AS "t1" LEFT JOIN "ZENDESK"."GROUPS" AS "t2" ON "t2"."ID" = "t1"."GROUP_ID" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE)) AS "t3" WHERE "t3"."_row_number" = 1 ORDER BY "t3"."CREATED_AT" DESC, "t3"."ID" DESC LIMIT 5;

-- snowflake: letters
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE("t1"."SUBJECT", 'ß', 'ss'), 'ſ', 's'), 'ẞ', 'ss'), 'ﬅ', 'st'), 'ﬆ', 'st'), 'É', 'é')) = 'strasse é' ORDER BY "t1"."CREATED_AT" DESC, "t1"."ID" DESC;

-- snowflake: words
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."SUBJECT", '(.|\n)*(\\bre((\\-fund|pay))?[^\\w][^\\n](\\n?$))(.|\n)*', 'i') ORDER BY "t1"."ID" ASC;

-- snowflake: order
SELECT "t1"."ID" FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) ORDER BY CASE WHEN "t1"."PRIORITY" = 'low' THEN 0 WHEN "t1"."PRIORITY" = 'normal' THEN 1 WHEN "t1"."PRIORITY" = 'high' THEN 2 WHEN "t1"."PRIORITY" = 'urgent' THEN 3 ELSE CASE WHEN NOT "t1"."PRIORITY" IS NULL THEN 4 END END DESC, CASE WHEN "t1"."PRIORITY" IN ('low', 'normal', 'high', 'urgent') THEN '' ELSE "t1"."PRIORITY" END DESC, "t1"."SUBJECT" ASC, "t1"."ID" ASC LIMIT 10 OFFSET 20;

-- snowflake: groups
SELECT "t2"."NAME", DATE_PART(MONTH, CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT")), COUNT(*), MAX("t1"."UPDATED_AT") FROM "ZENDESK"."TICKETS" AS "t1" LEFT JOIN "ZENDESK"."GROUPS" AS "t2" ON "t2"."ID" = "t1"."GROUP_ID" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) GROUP BY "t2"."NAME", DATE_PART(MONTH, CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT"));

-- snowflake: groups with conditions
SELECT WEEKISO(CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT")), COUNT(CASE WHEN "t1"."PRIORITY" = 'urgent' THEN 1 END), MAX(CASE WHEN NOT COALESCE((ARRAY_CONTAINS(CAST('vip' AS VARIANT), "t1"."TAGS")), FALSE) THEN "t1"."ID" END), AVG(CAST(CASE WHEN CHARINDEX('fire', LOWER(REPLACE(REPLACE(REPLACE(REPLACE("t1"."SUBJECT", 'İ', 'i̇'), 'ﬀ', 'ff'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 THEN "t1"."ID" END AS DOUBLE)) FROM "ZENDESK"."TICKETS" AS "t1" WHERE NOT COALESCE("t1"."STATUS" = 'deleted', FALSE) GROUP BY WEEKISO(CONVERT_TIMEZONE('UTC', "t1"."CREATED_AT"));

-- spark

-- spark: equal
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'open' AND `t1`.`assignee_id` = 7) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: any of
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`status` IN ('new', 'open') ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: or
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`status` = 'new' OR CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 END > 1) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: exclude
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT COALESCE((`t1`.`assignee_id` = 7), FALSE) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: missing
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`assignee_id` IS NULL ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: since
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`created_at` >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: since, texts
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN `t1`.`created_at` RLIKE '^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d' THEN CAST(`t1`.`created_at` AS TIMESTAMP) END >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP) ORDER BY CASE WHEN `t1`.`created_at` RLIKE '^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d' THEN CAST(`t1`.`created_at` AS TIMESTAMP) END DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: other column
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND FROM_UTC_TIMESTAMP(`t1`.`updated_at`, 'UTC') > FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC') ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: day of the week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (((((((((DATEDIFF(DAY, CAST('1970-01-05' AS DATE), CAST(FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC') AS DATE))) % 7) + 7)) % 7) + 1)) % 7) + 1) = 2 ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: week
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')) = 7 ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: contains
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND LOCATE('it\'s 5%\\', LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ſ', 's'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: ends with
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND RIGHT(`t1`.`subject`, 4) = 'fire' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: pattern
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`subject` RLIKE '^Re: [\\p{Nd}]+' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: pattern in any case
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`subject` RLIKE '(?i)^re:' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: tags, array
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (ARRAY_CONTAINS(`t1`.`tags`, 'vip') OR ARRAY_CONTAINS(`t1`.`tags`, 'refund')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: tags, table
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND EXISTS(SELECT 1 FROM `zendesk`.`ticket_tag` AS `m` WHERE `m`.`ticket_id` = `t1`.`id` AND `m`.`tag` IN ('vip')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: tags, JSON
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND ARRAY_CONTAINS(FROM_JSON(`t1`.`tags`, 'array<string>'), 'vip') ORDER BY CASE WHEN `t1`.`created_at` RLIKE '^\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d' THEN CAST(`t1`.`created_at` AS TIMESTAMP) END DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: no tags
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (`t1`.`tags` IS NULL OR COALESCE(SIZE(`t1`.`tags`), 0) <= 0) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: order inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN CASE WHEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) RLIKE '^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,2})?\\s*$' THEN CAST((GET_JSON_OBJECT(`t1`.`via`, '$.channel')) AS DOUBLE) END END ASC NULLS LAST, CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'true' THEN 1 WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'false' THEN 0 END END ASC NULLS LAST, CASE WHEN (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) END ASC NULLS LAST, `t1`.`id` ASC NULLS LAST;

-- spark: flag inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'true' THEN TRUE WHEN LOWER((GET_JSON_OBJECT(`t1`.`via`, '$.channel'))) = 'false' THEN FALSE END END = TRUE ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: text inside an object
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND CASE WHEN (COALESCE(CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: DOUBLE>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: BOOLEAN>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: ARRAY<STRING>>').`channel` AS STRING), CAST(FROM_JSON(`t1`.`via`, 'STRUCT<`channel`: MAP<STRING, STRING>>').`channel` AS STRING)) IS NULL) OR NOT CASE WHEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) RLIKE '^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,2})?\\s*$' THEN CAST((GET_JSON_OBJECT(`t1`.`via`, '$.channel')) AS DOUBLE) END IS NULL THEN (GET_JSON_OBJECT(`t1`.`via`, '$.channel')) END > 't' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: inside columns
SELECT `t1`.`id` FROM `zendesk`.`ticket` AS `t1` WHERE (NOT COALESCE(`t1`.`_fivetran_deleted`, FALSE) AND NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AND `t1`.`via_channel` = 'web' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: related row
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `zendesk`.`users` AS `t2` WHERE LOWER(`t2`.`email`) = 'ann@example.com') AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: custom field of a kind
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND (CASE WHEN (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '42'), 0).value) RLIKE '^\\s*[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,2})?\\s*$' THEN CAST((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '42'), 0).value) AS DOUBLE) END > 5 AND CASE WHEN SUBSTRING((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '43'), 0).value), 1, 10) RLIKE '^\\d{4}-\\d\\d-\\d\\d' THEN CAST(SUBSTRING((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '43'), 0).value), 1, 10) AS DATE) END = CAST('2026-01-02' AS DATE)) ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: custom field, text
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND ((ARRAY_CONTAINS(FROM_JSON((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), 'array<string>'), 'a') OR ARRAY_CONTAINS(FROM_JSON((GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), 'array<string>'), 'b')) OR (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value) IN ('a', 'b')) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: custom field of a related row
SELECT `t1`.`id` FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND NOT EXISTS(SELECT 1 FROM (SELECT `t2`.`id` AS `value` FROM `main`.`zendesk`.`users` AS `t2` WHERE CASE WHEN NOT (COALESCE(CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: DOUBLE>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: BOOLEAN>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: ARRAY<STRING>>').`plan` AS STRING), CAST(FROM_JSON(`t2`.`user_fields`, 'STRUCT<`plan`: MAP<STRING, STRING>>').`plan` AS STRING)) IS NULL) THEN CASE WHEN LOWER((GET_JSON_OBJECT(`t2`.`user_fields`, '$.plan'))) = 'true' THEN TRUE WHEN LOWER((GET_JSON_OBJECT(`t2`.`user_fields`, '$.plan'))) = 'false' THEN FALSE END END = TRUE) AS `s` WHERE `s`.`value` = `t1`.`requester_id`) ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: groups of a custom field
SELECT (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value), COUNT(*) FROM `main`.`zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY (GET(FILTER(FROM_JSON(`t1`.`custom_fields`, 'array<struct<id:string,value:string>>'), item -> item.id = '44'), 0).value);

-- spark: distinct
SELECT `t3`.`id`, `t3`.`updated_at`, `t3`.`status`, `t3`.`group_id` FROM (SELECT `t1`.*, ROW_NUMBER() OVER (PARTITION BY `t1`.`status`, `t2`.`name` ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST) AS `_row_number` FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE)) AS `t3` WHERE `t3`.`_row_number` = 1 ORDER BY `t3`.`created_at` DESC NULLS FIRST, `t3`.`id` DESC NULLS FIRST LIMIT 5;

-- spark: letters
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'ß', 'ss'), 'ſ', 's'), 'ẞ', 'ss'), 'ﬅ', 'st'), 'ﬆ', 'st'), 'É', 'é')) = 'strasse é' ORDER BY `t1`.`created_at` DESC NULLS FIRST, `t1`.`id` DESC NULLS FIRST;

-- spark: words
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) AND `t1`.`subject` RLIKE '(?i)\\bre((\\-fund|pay))?[^\\p{L}\\p{N}_][^\\n](\\n?\\z)' ORDER BY `t1`.`id` ASC NULLS LAST;

-- spark: order
SELECT `t1`.`id` FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) ORDER BY CASE WHEN `t1`.`priority` = 'low' THEN 0 WHEN `t1`.`priority` = 'normal' THEN 1 WHEN `t1`.`priority` = 'high' THEN 2 WHEN `t1`.`priority` = 'urgent' THEN 3 ELSE CASE WHEN NOT `t1`.`priority` IS NULL THEN 4 END END DESC NULLS FIRST, CASE WHEN `t1`.`priority` IN ('low', 'normal', 'high', 'urgent') THEN '' ELSE `t1`.`priority` END DESC NULLS FIRST, `t1`.`subject` ASC NULLS LAST, `t1`.`id` ASC NULLS LAST LIMIT 10 OFFSET 20;

-- spark: groups
SELECT `t2`.`name`, EXTRACT(MONTH FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')), COUNT(*), MAX(`t1`.`updated_at`) FROM `zendesk`.`tickets` AS `t1` LEFT JOIN `zendesk`.`groups` AS `t2` ON `t2`.`id` = `t1`.`group_id` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY `t2`.`name`, EXTRACT(MONTH FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC'));

-- spark: groups with conditions
SELECT EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC')), COUNT(CASE WHEN `t1`.`priority` = 'urgent' THEN 1 END), MAX(CASE WHEN NOT COALESCE((ARRAY_CONTAINS(`t1`.`tags`, 'vip')), FALSE) THEN `t1`.`id` END), AVG(CAST(CASE WHEN LOCATE('fire', LOWER(REPLACE(REPLACE(REPLACE(REPLACE(`t1`.`subject`, 'İ', 'i̇'), 'ﬀ', 'ff'), 'ﬁ', 'fi'), 'ﬃ', 'ffi'))) > 0 THEN `t1`.`id` END AS DOUBLE)) FROM `zendesk`.`tickets` AS `t1` WHERE NOT COALESCE(`t1`.`status` = 'deleted', FALSE) GROUP BY EXTRACT(WEEK FROM FROM_UTC_TIMESTAMP(`t1`.`created_at`, 'UTC'));

-- trino

-- trino: equal
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND ("t1"."status" = 'open' AND "t1"."assignee_id" = 7) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: any of
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND "t1"."status" IN ('new', 'open') ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: or
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND ("t1"."status" = 'new' OR CASE WHEN "t1"."priority" = 'low' THEN 0 WHEN "t1"."priority" = 'normal' THEN 1 WHEN "t1"."priority" = 'high' THEN 2 WHEN "t1"."priority" = 'urgent' THEN 3 END > 1) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: exclude
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND NOT COALESCE(("t1"."assignee_id" = 7), FALSE) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: missing
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND "t1"."assignee_id" IS NULL ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: since
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND "t1"."created_at" >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP WITH TIME ZONE) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: since, texts
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND TRY(FROM_ISO8601_TIMESTAMP("t1"."created_at")) >= CAST('2026-01-01 00:00:00+00:00' AS TIMESTAMP WITH TIME ZONE) ORDER BY TRY(FROM_ISO8601_TIMESTAMP("t1"."created_at")) DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: other column
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND AT_TIMEZONE("t1"."updated_at", 'UTC') > AT_TIMEZONE("t1"."created_at", 'UTC') ORDER BY "t1"."id" ASC;

-- trino: day of the week
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND (((((((((DATE_DIFF('DAY', CAST('1970-01-05' AS DATE), CAST(AT_TIMEZONE("t1"."created_at", 'UTC') AS DATE))) % 7) + 7)) % 7) + 1)) % 7) + 1) = 2 ORDER BY "t1"."id" ASC;

-- trino: week
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND EXTRACT(WEEK FROM AT_TIMEZONE("t1"."created_at", 'UTC')) = 7 ORDER BY "t1"."id" ASC;

-- trino: contains
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND STRPOS(LOWER(REPLACE(REPLACE(REPLACE(REPLACE("t1"."subject", 'İ', 'i̇'), 'ſ', 's'), 'ﬁ', 'fi'), 'ﬃ', 'ffi')), 'it''s 5%\') > 0 ORDER BY "t1"."id" ASC;

-- trino: ends with
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND (LENGTH("t1"."subject") >= 4 AND SUBSTR("t1"."subject", LENGTH("t1"."subject") - (4 - 1)) = 'fire') ORDER BY "t1"."id" ASC;

-- trino: pattern
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."subject", '^Re: [\p{Nd}]+') ORDER BY "t1"."id" ASC;

-- trino: pattern in any case
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."subject", '(?i)^re:') ORDER BY "t1"."id" ASC;

-- trino: tags, array
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND (CONTAINS("t1"."tags", 'vip') OR CONTAINS("t1"."tags", 'refund')) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: tags, table
SELECT "t1"."id" FROM "zendesk"."ticket" AS "t1" WHERE (NOT COALESCE("t1"."_fivetran_deleted", FALSE) AND NOT COALESCE("t1"."status" = 'deleted', FALSE)) AND EXISTS(SELECT 1 FROM "zendesk"."ticket_tag" AS "m" WHERE "m"."ticket_id" = "t1"."id" AND "m"."tag" IN ('vip')) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: tags, JSON
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND JSON_ARRAY_CONTAINS("t1"."tags", 'vip') ORDER BY TRY(FROM_ISO8601_TIMESTAMP("t1"."created_at")) DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: no tags
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND ("t1"."tags" IS NULL OR COALESCE(CARDINALITY("t1"."tags"), 0) <= 0) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: inside an object
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND (JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')) = 'web' ORDER BY "t1"."id" ASC;

-- trino: order inside an object
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) ORDER BY CASE WHEN NOT SUBSTR(JSON_FORMAT(JSON_EXTRACT(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')), 1, 1) = '"' THEN TRY_CAST((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')) AS DOUBLE) END ASC, CASE WHEN NOT SUBSTR(JSON_FORMAT(JSON_EXTRACT(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel'))) = 'true' THEN 1 WHEN LOWER((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel'))) = 'false' THEN 0 END END ASC, CASE WHEN SUBSTR(JSON_FORMAT(JSON_EXTRACT(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')), 1, 1) = '"' THEN (JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')) END ASC, "t1"."id" ASC;

-- trino: flag inside an object
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND CASE WHEN NOT SUBSTR(JSON_FORMAT(JSON_EXTRACT(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel'))) = 'true' THEN TRUE WHEN LOWER((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel'))) = 'false' THEN FALSE END END = TRUE ORDER BY "t1"."id" ASC;

-- trino: text inside an object
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND CASE WHEN SUBSTR(JSON_FORMAT(JSON_EXTRACT(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')), 1, 1) = '"' OR NOT TRY_CAST((JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')) AS DOUBLE) IS NULL THEN (JSON_EXTRACT_SCALAR(JSON_FORMAT(CAST("t1"."via" AS JSON)), '$.channel')) END > 't' ORDER BY "t1"."id" ASC;

-- trino: inside columns
SELECT "t1"."id" FROM "zendesk"."ticket" AS "t1" WHERE (NOT COALESCE("t1"."_fivetran_deleted", FALSE) AND NOT COALESCE("t1"."status" = 'deleted', FALSE)) AND "t1"."via_channel" = 'web' ORDER BY "t1"."id" ASC;

-- trino: related row
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND EXISTS(SELECT 1 FROM (SELECT "t2"."id" AS "value" FROM "zendesk"."users" AS "t2" WHERE LOWER("t2"."email") = 'ann@example.com') AS "s" WHERE "s"."value" = "t1"."requester_id") ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: custom field of a kind
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND (TRY_CAST((COALESCE(JSON_VALUE(JSON_FORMAT(CAST("t1"."custom_fields" AS JSON)), 'lax $[*] ? (@.id == 42 || @.id == "42").value'), JSON_QUERY(JSON_FORMAT(CAST("t1"."custom_fields" AS JSON)), 'lax $[*] ? (@.id == 42 || @.id == "42").value'))) AS DOUBLE) > 5 AND TRY_CAST(SUBSTR((COALESCE(JSON_VALUE(JSON_FORMAT(CAST("t1"."custom_fields" AS JSON)), 'lax $[*] ? (@.id == 43 || @.id == "43").value'), JSON_QUERY(JSON_FORMAT(CAST("t1"."custom_fields" AS JSON)), 'lax $[*] ? (@.id == 43 || @.id == "43").value'))), 1, 10) AS DATE) = CAST('2026-01-02' AS DATE)) ORDER BY "t1"."id" ASC;

-- trino: custom field, text
SELECT "t1"."id" FROM "main"."zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND ((JSON_ARRAY_CONTAINS(NULLIF(JSON_QUERY("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'), 'null'), 'a') OR JSON_ARRAY_CONTAINS(NULLIF(JSON_QUERY("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'), 'null'), 'b')) OR (COALESCE(JSON_VALUE("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'), JSON_QUERY("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'))) IN ('a', 'b')) ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: custom field of a related row
SELECT "t1"."id" FROM "main"."zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND NOT EXISTS(SELECT 1 FROM (SELECT "t2"."id" AS "value" FROM "main"."zendesk"."users" AS "t2" WHERE CASE WHEN NOT SUBSTR(JSON_FORMAT(JSON_EXTRACT("t2"."user_fields", '$.plan')), 1, 1) = '"' THEN CASE WHEN LOWER((JSON_EXTRACT_SCALAR("t2"."user_fields", '$.plan'))) = 'true' THEN TRUE WHEN LOWER((JSON_EXTRACT_SCALAR("t2"."user_fields", '$.plan'))) = 'false' THEN FALSE END END = TRUE) AS "s" WHERE "s"."value" = "t1"."requester_id") ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: groups of a custom field
SELECT NULLIF(JSON_QUERY("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'), 'null'), COUNT(*) FROM "main"."zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) GROUP BY NULLIF(JSON_QUERY("t1"."custom_fields", 'lax $[*] ? (@.id == 44 || @.id == "44").value'), 'null');

-- trino: distinct
SELECT "t3"."id", "t3"."updated_at", "t3"."status", "t3"."group_id" FROM (SELECT "t1".*, ROW_NUMBER() OVER (PARTITION BY "t1"."status", "t2"."name" ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST) AS "_row_number" FROM "zendesk"."tickets" AS "t1" LEFT JOIN "zendesk"."groups" AS "t2" ON "t2"."id" = "t1"."group_id" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE)) AS "t3" WHERE "t3"."_row_number" = 1 ORDER BY "t3"."created_at" DESC NULLS FIRST, "t3"."id" DESC NULLS FIRST LIMIT 5;

-- trino: letters
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND LOWER(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE("t1"."subject", 'ß', 'ss'), 'ſ', 's'), 'ẞ', 'ss'), 'ﬅ', 'st'), 'ﬆ', 'st'), 'É', 'é')) = 'strasse é' ORDER BY "t1"."created_at" DESC NULLS FIRST, "t1"."id" DESC NULLS FIRST;

-- trino: words
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) AND REGEXP_LIKE("t1"."subject", '(?i)\bre((\-fund|pay))?[^\p{L}\p{N}_][^\n](\n?\z)') ORDER BY "t1"."id" ASC;

-- trino: order
SELECT "t1"."id" FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) ORDER BY CASE WHEN "t1"."priority" = 'low' THEN 0 WHEN "t1"."priority" = 'normal' THEN 1 WHEN "t1"."priority" = 'high' THEN 2 WHEN "t1"."priority" = 'urgent' THEN 3 ELSE CASE WHEN NOT "t1"."priority" IS NULL THEN 4 END END DESC NULLS FIRST, CASE WHEN "t1"."priority" IN ('low', 'normal', 'high', 'urgent') THEN '' ELSE "t1"."priority" END DESC NULLS FIRST, "t1"."subject" ASC, "t1"."id" ASC OFFSET 20 LIMIT 10;

-- trino: groups
SELECT "t2"."name", EXTRACT(MONTH FROM AT_TIMEZONE("t1"."created_at", 'UTC')), COUNT(*), MAX("t1"."updated_at") FROM "zendesk"."tickets" AS "t1" LEFT JOIN "zendesk"."groups" AS "t2" ON "t2"."id" = "t1"."group_id" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) GROUP BY "t2"."name", EXTRACT(MONTH FROM AT_TIMEZONE("t1"."created_at", 'UTC'));

-- trino: groups with conditions
SELECT EXTRACT(WEEK FROM AT_TIMEZONE("t1"."created_at", 'UTC')), COUNT(CASE WHEN "t1"."priority" = 'urgent' THEN 1 END), MAX(CASE WHEN NOT COALESCE((CONTAINS("t1"."tags", 'vip')), FALSE) THEN "t1"."id" END), AVG(CAST(CASE WHEN STRPOS(LOWER(REPLACE(REPLACE(REPLACE(REPLACE("t1"."subject", 'İ', 'i̇'), 'ﬀ', 'ff'), 'ﬁ', 'fi'), 'ﬃ', 'ffi')), 'fire') > 0 THEN "t1"."id" END AS DOUBLE)) FROM "zendesk"."tickets" AS "t1" WHERE NOT COALESCE("t1"."status" = 'deleted', FALSE) GROUP BY EXTRACT(WEEK FROM AT_TIMEZONE("t1"."created_at", 'UTC'));
