"""What articles, sections and categories share: their words are kept in translations.

Zendesk ignores a title or a body in the update of an article, and answers as if nothing
had been sent; the same goes for the name and the description of categories.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm import signals
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, ReadOnly, Ref
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import actions
from zendesk_orm.write.change import checked


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.help_center.translations import Translation

#: What Zendesk sets when words change, and the answer does not tell.
_UNTOLD = frozenset({"edited_at", "html_url", "outdated_locales", "updated_at", "url"})


class Translated(Model):
    """Something whose words are kept in translations, one for each locale."""

    locale: CreateOnly[str]
    source_locale: ReadOnly[str]

    #: Its fields that are kept in translations, and what they are called there.
    _words: ClassVar[Mapping[str, str]]
    #: The model of its translations.
    _translations: ClassVar[type[Translation]]
    #: The relation that the path names where it is made.
    _place: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> Self:
        """Send what changed and take over the answer; without changes, send nothing.

        Changed words go to the translation in the object's locale, which is a request of its
        own; everything else goes to the object. Each of the two is announced by itself.

        Args:
            update_fields: names of fields to send; all that changed by default.
            force_insert: create it although it has an id.
            using: the account's alias; where the object came from by default.
            safe: for tickets.

        Raises:
            NotFound: there is no translation in its locale.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if self.pk is None or force_insert:
            super().save(update_fields=update_fields, force_insert=force_insert, using=using)
            return self
        wanted = checked(self, update_fields)
        names = {name for name, each in self._meta.fields.items() if each.editable}
        wanted = frozenset(names) if wanted is None else wanted
        self._save_words(self._session(using), wanted & self._words.keys())
        super().save(update_fields=wanted - self._words.keys(), using=using, safe=safe)
        return self

    def in_locale(self, locale: str) -> Self:
        """Return the same in another locale: an object of its own, read now.

        `article.in_locale("de").title` is the German title; assigning and saving it changes
        the German translation. Everything else that is done with it has the locale in the
        path, as end users have to have it.

        Args:
            locale: `de`, `en-us`.

        Raises:
            DoesNotExist: it is not translated.
        """
        model: Any = type(self)
        found: Self = model.objects.using(self._session().alias).get(id=self.pk, locale=locale)
        return found

    def set_source_locale(self, locale: str) -> None:
        """Make the translation of a locale the one that the others are translations of.

        Args:
            locale: one that there is a translation for.

        Raises:
            InvalidValue: it was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#update-article-source-locale
        """
        self._call("set_source_locale", {f"{self._meta.singular}_locale": locale})
        actions.outdated(self._session(), self)

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        super()._relate(relation, value)
        wire = relation.id.wire
        if relation.name == self._place and self.pk is None:
            pk = relation.pk_of(value, unsaved=True)
            if pk is not None:
                # Until it is made the path tells it, and no body does.
                self.absorb({**self._row, wire: pk}, sent=[relation.id.name])
                if isinstance(value, Record):
                    self.__dict__[relation.name] = value

    def _save_words(self, session: Session, names: Iterable[str]) -> None:
        """Send what changed of some words to the translation in the object's locale."""
        edits = self._edits_of(names)
        if not edits:
            return
        model = type(self)
        told: dict[str, Any] = {"instance": self, "created": False, "origin": "local"}
        announce(signals.pre_save, model, changes=edits, using=session.alias, **told)
        # A receiver may have edited the object further.
        edits = self._edits_of(names)
        if not edits:
            return
        self._translation(session, {name: new for name, (_, new) in edits.items()}).save()
        if session.outbox is None:
            announce(signals.post_save, model, changes=edits, using=session.alias, **told)

    def _edits_of(self, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
        wanted = set(names)
        return {name: edit for name, edit in self.changes().items() if name in wanted}

    def _translation(self, session: Session, words: Mapping[str, Any]) -> Translation:
        """Return the translation in the object's locale, with these words to be saved."""
        locale = self.locale or getattr(session, "locale", None)
        if not locale:
            raise InvalidValue(f"{self!r} does not tell its locale; refresh_from_db() asks for it")
        # Its own id is not known, and no path asks for it.
        row = Hollow(id=f"{self.pk} {locale}", source_id=self.pk, locale=locale)
        translation = self._translations.from_row(row, session)
        for name, value in words.items():
            setattr(translation, self._words[name], value)

        def told(row: Row) -> None:
            self._take_over_words(row, words)

        translation.__dict__["_told"] = told
        return translation

    def _take_over_words(self, row: Row, sent: Mapping[str, Any]) -> None:
        """Take over the words of a translation; what Zendesk sets besides is fetched on demand."""
        fields = self._meta.fields
        known = {key: value for key, value in self._row.items() if key not in _UNTOLD}
        for name, theirs in self._words.items():
            if theirs in row:
                known[fields[name].wire] = row[theirs]
        # What was edited since is still an edit.
        same = [name for name, value in sent.items() if self.__dict__.get(name) == value]
        self.absorb(Hollow(known), sent=same)
        self._session().account.rows.forget(type(self), self._key)
