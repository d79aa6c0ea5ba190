"""Write the API's description into the file that is kept with the code."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

FILE = settings.BASE_DIR / "docs" / "openapi.yaml"


def description() -> str:
    """OpenAPI 3, as YAML."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return str(OpenApiYamlRenderer().render(schema).decode())  # type: ignore[no-untyped-call]


class Command(BaseCommand):
    help = "Write docs/openapi.yaml anew. The tests compare it with what the code describes."

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        FILE.write_text(description())
        self.stdout.write(f"Written: {FILE.relative_to(settings.BASE_DIR)}")
