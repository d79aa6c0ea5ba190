"""What pages complain of while they are used: there is to be nothing."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

# A refusal of the content security policy, as an error that the console tells.
TELL_REFUSALS = """addEventListener('securitypolicyviolation', event => console.error(
    `refused by ${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));"""


def watched(context: BrowserContext, address: str, forgives: tuple[int, ...]) -> list[str]:
    """The list to which everything is added that the context's pages complain of.

    Errors and warnings of the console, errors of scripts, what the content security policy
    refuses, and requests to other hosts than the address. forgives: statuses of answers that the
    console tells as errors.
    """
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        said = message.text
        forgiven = any(f"responded with a status of {status}" in said for status in forgives)
        if message.type in ("error", "warning") and not forgiven:
            complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def see(request: Request) -> None:
        if not request.url.startswith((f"{address}/", "data:", "blob:")):
            complaints.append(f"asks another host: {request.url}")

    context.add_init_script(TELL_REFUSALS)
    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
    context.on("request", see)
    return complaints
