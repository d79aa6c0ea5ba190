"""From upload over preview to confirmation, as an admin page does it."""

import os
from io import BytesIO

import pytest
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.urls import path

from costs.exchange import FORMATS, BusinessUnitResource, ExchangePages
from costs.exchange.files import MAX_BYTES, CarriedByBrowser
from dimensions.models import BusinessUnit


class UnitAdmin(ExchangePages, ModelAdmin):  # type: ignore[type-arg]
    resource_classes = [BusinessUnitResource]


site = AdminSite()
site.register(BusinessUnit, UnitAdmin)
urlpatterns = [path("admin/", site.urls)]
pytestmark = pytest.mark.urls(__name__)
PAGE = "/admin/dimensions/businessunit/"
CSV, XLSX = "0", "1"


@pytest.fixture
def browser(client, db):
    client.force_login(get_user_model().objects.create_superuser("ines"))
    return client


def upload(browser, content, file_format=CSV):
    file = BytesIO(content)
    file.name = f"units.{['csv', 'xlsx'][int(file_format)]}"
    return browser.post(f"{PAGE}import/", {"format": file_format, "import_file": file})


def confirm(browser, preview, **changed):
    form = preview.context["confirm_form"].initial | changed
    return browser.post(f"{PAGE}process_import/", form)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_what_was_previewed_is_imported_when_confirmed(browser, file_format):
    BusinessUnit.objects.create(code="RETAIL", name="Läden")
    content = FORMATS[int(file_format)]().export_data(BusinessUnitResource().export())
    content = content if isinstance(content, bytes) else content.encode("utf-8-sig")
    BusinessUnit.objects.update(name="Shops")

    preview = upload(browser, content, file_format)
    assert BusinessUnit.objects.get().name == "Shops"
    assert preview.context["result"].problems == []
    response = confirm(browser, preview)

    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert BusinessUnit.objects.get().name == "Läden"
    change = BusinessUnit.history.latest()
    assert (change.history_user.username, change.history_type) == ("ines", "~")


def test_line_ends_inside_a_cell_survive_the_confirmation(browser):
    confirm(browser, upload(browser, b'code,notes\r\nRETAIL,"one\r\ntwo"\r\n'))

    assert BusinessUnit.objects.get().notes == "one\r\ntwo"


def test_a_file_with_errors_cannot_be_confirmed(browser):
    preview = upload(browser, b"code\nUnallocated\n")

    assert [problem.row for problem in preview.context["result"].problems] == [2]
    assert "confirm_form" not in preview.context


def test_what_became_wrong_since_the_preview_is_told_and_not_imported(browser, monkeypatch):
    preview = upload(browser, b"code,name\nRETAIL,Shops\nFOOD,Food\n")
    monkeypatch.setattr(
        BusinessUnitResource, "problems_of", lambda self, unit: {"name": "No more."}
    )

    response = confirm(browser, preview)

    assert response["Location"] == f"{PAGE}import/"
    assert said(response) == [
        "Nothing was imported: something changed since the preview.",
        "Row 2: name: No more.",
        "Row 3: name: No more.",
    ]
    assert not BusinessUnit.objects.exists()


@pytest.mark.parametrize("name", ["passwd", "", "a:b:c"])
def test_no_other_file_can_be_asked_for(browser, name):
    preview = upload(browser, b"code\nRETAIL\n")

    assert confirm(browser, preview, import_file_name=name).status_code in (200, 400)
    assert not BusinessUnit.objects.exists()


def test_the_largest_file_fits_into_the_confirming_form():
    carried = CarriedByBrowser()
    content = os.urandom(MAX_BYTES)

    carried.save(content)

    assert len(carried.name) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 1_000
    assert CarriedByBrowser(name=carried.name).read() == content


def test_a_file_that_is_too_large_is_refused_in_words(browser):
    page = upload(browser, b"code\n" + b"x" * MAX_BYTES)

    (error,) = page.context["form"].errors["import_file"]
    assert error.startswith("The file has 1,500,005 bytes; no more than 1,500,000 are taken.")


def test_excel_takes_an_exported_csv_for_utf_8(browser):
    BusinessUnit.objects.create(code="RETAIL", name="Läden")

    response = browser.post(f"{PAGE}export/", {"format": CSV, "resource": "0"})

    assert response.content.startswith(b"\xef\xbb\xbfcode,name")
