"""What every exchanged file has in common: all or nothing, errors in words, nothing done twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import Model
from import_export.resources import ModelResource
from import_export.results import Result
from tablib import Dataset

from costs.allocation import lock_edits
from costs.exchange.cells import text_of
from costs.exchange.files import MAX_ROWS
from costs.movement import Movement, check_deferred_constraints, movement_since

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is not imported. Rows count as in a spreadsheet: the header is row 1."""

    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        place = filter(None, (f"Row {self.row}" if self.row else "", self.column))
        return ": ".join((*place, self.message))


class Imported(Result):  # type: ignore[misc]
    """movement: what the import moves, of a dry run without problems; else None."""

    movement: Movement | None = None

    @property
    def problems(self) -> list[Problem]:
        found = [Problem(None, "", _in_words(each.error)) for each in self.base_errors]
        for failed in self.error_rows:
            found += [Problem(failed.number, "", _in_words(each.error)) for each in failed.errors]
        for invalid in self.invalid_rows:
            for name, messages in invalid.error_dict.items():
                column = "" if name == NON_FIELD_ERRORS else name
                found += [Problem(invalid.number, column, message) for message in messages]
        return sorted(found, key=lambda problem: problem.row or 0)


class CuratedResource(ModelResource):  # type: ignore[misc]
    """Rows that people curate, found by `key`. One instance serves one import or export.

    Rows are saved one by one, so that each leaves its history; a row that changes nothing is
    not saved. Either every row is imported or none.
    """

    key = "code"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known: dict[str, Model] = {}
        self.numbers: list[int] = []
        self.seen: dict[str, int] = {}
        self.number = 0
        self.revision = 0
        self.reason = ""

    @classmethod
    def get_result_class(cls) -> type[Imported]:
        return Imported

    def import_data(
        self, dataset: Dataset, dry_run: bool = False, raise_errors: bool = False, **kwargs: Any
    ) -> Imported:
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        result: Imported = super().import_data(dataset, dry_run, raise_errors, **kwargs)
        return result

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        self.revision = lock_edits()
        if kwargs.get("agreed", self.revision) != self.revision:
            raise ValidationError(
                "Somebody changed who pays since the preview; choose the file again and look."
            )
        self.reason = f"Imported from {kwargs.get('file_name') or 'a file'}"[:100]
        headers = [str(header or "").strip() for header in dataset.headers or []]
        rows = [
            (number, dict(zip(headers, cells, strict=True)))
            for number, cells in enumerate(dataset, start=2)
            if any(text_of(cell).strip() for cell in cells)
        ]
        dataset.wipe()
        self._require_columns(headers)
        if len(rows) > MAX_ROWS:
            raise ValidationError(f"The file has more than {MAX_ROWS:,} rows; import it in parts.")
        self.known = self.find({self.key_of(row) for _, row in rows} - {""})
        rows.sort(key=lambda numbered: self.place(numbered[1]))
        self.numbers = [number for number, _ in rows]
        dataset.headers = headers
        dataset.extend([list(row.values()) for _, row in rows])

    def _require_columns(self, headers: list[str]) -> None:
        columns = {column.column_name: column for column in self.get_import_fields()}
        needed = [name for name, column in columns.items() if column.is_needed]
        problems = [f"The column “{name}” is missing." for name in needed if name not in headers]
        problems += [f"There is no column “{name}”." for name in headers if name not in columns]
        problems += [
            f"The column “{name}” is there twice."
            for name in sorted(set(headers))
            if headers.count(name) > 1
        ]
        if problems:
            problems.append(f"Columns are: {', '.join(columns)}; needed: {', '.join(needed)}.")
            raise ValidationError(problems)

    # What the resources say about their rows.

    def find(self, keys: Iterable[str]) -> dict[str, Model]:
        """The stored objects of the keys, locked until the import is over."""
        objects = self.get_queryset().filter(**{f"{self.key}__in": keys}).order_by("pk")
        return {
            str(getattr(each, self.key)): each for each in objects.select_for_update(of=("self",))
        }

    def key_of(self, row: Row) -> str:
        return text_of(row.get(self.key)).strip()

    def place(self, row: Row) -> int:
        """Rows with a lower place are imported first."""
        return 0

    def problems_of(self, instance: Any) -> dict[str, str]:
        """What is wrong with a readable row beyond what its model says, by attribute."""
        return {}

    # The steps of a row, in the order in which import-export takes them.

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        self.number = self.numbers[kwargs["row_number"] - 1]

    def get_instance(self, instance_loader: Any, row: Row) -> Model | None:
        key = self.key_of(row)
        if key in self.seen:
            raise ValidationError({self.key: f"“{key}” stands in row {self.seen[key]} already."})
        if key:
            self.seen[key] = self.number
        return self.known.get(key)

    def validate_instance(
        self,
        instance: Any,
        import_validation_errors: dict[str, Any] | None = None,
        validate_unique: bool = True,
    ) -> None:
        """Name errors by column; of a cell that could not be read nothing more is said."""
        errors: dict[str, Any] = dict(import_validation_errors or {}) or self.problems_of(instance)
        try:
            # What constraints hold is said in words here; seven more statements a row are not.
            instance.full_clean(exclude=set(errors), validate_constraints=False)
        except ValidationError as error:
            errors = error.message_dict | errors
        if errors:
            columns = {column.attribute: column.column_name for column in self.get_import_fields()}
            raise ValidationError({columns.get(name, name): said for name, said in errors.items()})

    def before_save_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        instance._change_reason = self.reason

    def after_import(self, dataset: Dataset, result: Imported, **kwargs: Any) -> None:
        """Look at what the database only checks at the end, and at what a dry run moves."""
        self._number_rows(result)
        if result.has_errors() or result.has_validation_errors():
            return
        check_deferred_constraints()
        if self._is_dry_run(kwargs):
            result.movement = movement_since(self.revision)

    def _number_rows(self, result: Imported) -> None:
        """Name and sort rows as they stand in the file."""
        for failed in (*result.invalid_rows, *result.error_rows):
            failed.number = self.numbers[failed.number - 1]
        in_file = sorted(zip(self.numbers, result.rows, strict=True), key=lambda pair: pair[0])
        result.rows = [row for _, row in in_file]


def _in_words(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, IntegrityError) and (cause := error.__cause__):
        return str(cause.diag.message_primary)  # type: ignore[attr-defined]
    return str(error)
