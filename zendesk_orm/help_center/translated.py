"""The base class of articles, sections and categories, whose texts are in translations.

Zendesk silently ignores title and body in an update of an article, and name and description
in an update of a category.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm import signals
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, ReadOnly, Ref
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.change import field_names
from zendesk_orm.write.save import SaveOptions


if TYPE_CHECKING:
    from zendesk_orm.help_center.translations import Translation

#: Fields that Zendesk changes with a translation, but which the response does not contain.
_STALE_FIELDS = frozenset({"edited_at", "html_url", "outdated_locales", "updated_at", "url"})


class Translated(Model):
    """An object whose texts are stored in translations, one for each locale."""

    locale: CreateOnly[str]
    source_locale: ReadOnly[str]

    #: Names of fields of the translation by the names of the fields that it stores.
    _translated_fields: ClassVar[Mapping[str, str]]
    #: The model of the translations.
    _translations: ClassVar[type[Translation]]
    #: The relation whose id is part of the path on creation.
    _parent_relation: ClassVar[str] = ""

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True

    def _save(self, session: Session, **options: Unpack[SaveOptions]) -> None:
        """Save the translation in the object's locale, then the object.

        These are two requests, each with its own signals.

        Raises:
            NotFound: the translation in its locale does not exist.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if self.pk is None or options.get("force_insert"):
            super()._save(session, **options)
            return
        names = field_names(self, options.get("update_fields"))
        if names is None:
            fields = self._meta.fields.items()
            names = frozenset(name for name, field in fields if field.editable)
        self._save_translation(session, names & self._translated_fields.keys())
        options["update_fields"] = names - self._translated_fields.keys()
        super()._save(session, **options)

    @check_arguments
    def in_locale(self, locale: str) -> Self:
        """Fetch the object in another locale and return it as a separate object.

        `article.in_locale("de").title` is the German title; assigning and saving it changes
        the German translation. Other requests of the object have the locale in the path,
        which is required for end users.

        Args:
            locale: `de`, `en-us`.

        Raises:
            DoesNotExist: the object is not translated into the locale.
        """
        model: Any = type(self)
        record: Self = model.objects.using(self._session().alias).get(id=self.pk, locale=locale)
        return record

    @check_arguments
    def set_source_locale(self, locale: str) -> None:
        """Make an existing translation the source of the other translations.

        Args:
            locale: the locale of the translation.

        Raises:
            InvalidValue: the object was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#update-article-source-locale
        """

        def expire(_: Any) -> None:
            self._session().expire(self)

        body = {f"{self._meta.singular}_locale": locale}
        self._call("set_source_locale", body, then=expire, in_dry_run=None)

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        super()._relate(relation, value)
        wire = relation.id.wire
        if relation.name == self._parent_relation and self.pk is None:
            pk = relation.pk_of(value, unsaved=True)
            if pk is not None:
                # On creation the id is part of the path and not of the body.
                self.update_from_row({**self._row, wire: pk}, sent=[relation.id.name])
                if isinstance(value, Record):
                    self.__dict__[relation.name] = value

    def _save_translation(self, session: Session, names: Iterable[str]) -> None:
        """Save changes of some fields to the translation in the object's locale."""
        edits = self._select_changes(names)
        if not edits:
            return
        model = type(self)
        arguments: dict[str, Any] = {"instance": self, "created": False, "origin": "local"}
        announce(signals.pre_save, model, changes=edits, using=session.alias, **arguments)
        # A receiver may have edited the object further.
        edits = self._select_changes(names)
        if not edits:
            return
        self._translation(session, {name: new for name, (_, new) in edits.items()}).save()
        if not session.sender.deferred:
            announce(signals.post_save, model, changes=edits, using=session.alias, **arguments)

    def _select_changes(self, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
        selected = set(names)
        return {name: edit for name, edit in self.changes().items() if name in selected}

    def _translation(self, session: Session, words: Mapping[str, Any]) -> Translation:
        """Return the translation in the object's locale with unsaved changes."""
        locale = self.locale or getattr(session, "locale", None)
        if not locale:
            raise InvalidValue(
                f"the locale of {display(self)} is not loaded; call refresh_from_db() first"
            )
        # The id of the translation is unknown, but paths do not need it.
        row = PartialRow(id=f"{self.pk} {locale}", source_id=self.pk, locale=locale)
        translation = self._translations.from_row(row, session)
        for name, value in words.items():
            setattr(translation, self._translated_fields[name], value)

        def update(row: Row) -> None:
            self._update_from_translation(row, words)

        translation.__dict__["_on_save"] = update
        return translation

    def _update_from_translation(self, row: Row, sent: Mapping[str, Any]) -> None:
        """Copy the texts of a translation; stale fields are fetched again on access."""
        fields = self._meta.fields
        updated = {key: value for key, value in self._row.items() if key not in _STALE_FIELDS}
        for name, theirs in self._translated_fields.items():
            if theirs in row:
                updated[fields[name].wire] = row[theirs]
        # Values that were edited since remain unsaved changes.
        same = [name for name, value in sent.items() if self.__dict__.get(name) == value]
        self._session().store(self, PartialRow(updated), same)
