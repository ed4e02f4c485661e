"""Job statuses, routing, schedules, satisfaction ratings and other means of managing tickets."""
