"""The files: CSV and XLSX, how large one may be, and where it waits for its confirmation."""

import csv
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import ZipFile

from django import forms
from django.core import signing
from django.core.exceptions import SuspiciousOperation, ValidationError
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.tmp_storages import BaseStorage
from openpyxl import load_workbook
from tablib import Dataset

MAX_ROWS = 2_000  # a person waits for some 10 ms a row, twice
# In base 64 it has to fit into a form: DATA_UPLOAD_MAX_MEMORY_SIZE is 2.5 MB.
MAX_BYTES = 1_500_000
MAX_UNPACKED_BYTES = 20_000_000
# Notes may be longer than what the csv module takes for one cell by itself.
csv.field_size_limit(MAX_BYTES)


class Csv(CSV):  # type: ignore[misc]
    """Comma separated; semicolons, which spreadsheets write in half of Europe, are taken too."""

    def create_dataset(self, in_stream: bytes | str, **kwargs: Any) -> Dataset:
        text = in_stream if isinstance(in_stream, str) else in_stream.decode("utf-8-sig")
        headers = text.partition("\n")[0]
        if ";" in headers and "," not in headers:
            kwargs["delimiter"] = ";"
        return super().create_dataset(text, **kwargs)


class Xlsx(XLSX):  # type: ignore[misc]
    """The active sheet. A small file can unfold to a huge one, which is refused unopened."""

    def create_dataset(self, in_stream: bytes) -> Dataset:
        with ZipFile(BytesIO(in_stream)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise ValueError("The file unfolds to more than a list of rows can be.")
        book = load_workbook(BytesIO(in_stream), read_only=True, data_only=True)
        rows = book.active.iter_rows(values_only=True)
        headers = list(next(rows, ()))
        while headers and headers[-1] is None:
            headers.pop()
        dataset = Dataset(headers=[str(header or "") for header in headers])
        for row in islice(rows, MAX_ROWS + 1):
            dataset.append(row[: len(headers)])
        return dataset


FORMATS = [Csv, Xlsx]


class UploadForm(ImportForm):  # type: ignore[misc]
    """import-export's form, with a limit."""

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > MAX_BYTES:
            raise ValidationError(
                f"The file has {file.size:,} bytes; no more than {MAX_BYTES:,} are taken. "
                "Import it in parts."
            )
        return file


class ConfirmForm(ConfirmImportForm):  # type: ignore[misc]
    """import-export's form, with the revision of rules that the preview was made with."""

    agreed = forms.IntegerField(widget=forms.HiddenInput)


class DownloadForm(ExportForm):  # type: ignore[misc]
    """import-export's form, with CSV chosen."""

    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].choices = self.fields["format"].choices[1:]


class _Bytes:
    """What signing calls a serializer: the file is bytes already."""

    def dumps(self, data: bytes) -> bytes:
        return data

    def loads(self, data: bytes) -> bytes:
        return data


class CarriedByBrowser(BaseStorage):  # type: ignore[misc]
    """The uploaded file, signed and packed, as the name by which the confirming form asks for it.

    So any process of any machine can go on, nothing is left behind by who does not confirm, and
    no name can be made up that reads another file.
    """

    SALT = "costs.exchange"

    def save(self, data: bytes) -> None:
        self.name = signing.dumps(data, salt=self.SALT, serializer=_Bytes, compress=True)

    def read(self) -> bytes | str:
        try:
            data: bytes = signing.loads(self.name, salt=self.SALT, serializer=_Bytes)
        except signing.BadSignature as error:
            raise SuspiciousOperation("The uploaded file was changed on its way.") from error
        return data.decode(self.encoding) if self.encoding else data

    def remove(self) -> None:
        """There is nothing to remove."""
