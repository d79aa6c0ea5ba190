/* Keeps the days in the form: typed ones count, chosen ranges are shown in them. */
(() => {
  const FIRST_YEAR = 2015;

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-chooses-days]")) return;
    // A year that is half typed (0002) is no question yet.
    if (event.target.value && Number(event.target.value.slice(0, 4)) < FIRST_YEAR) {
      event.stopImmediatePropagation();
      return;
    }
    document.getElementById("period").value = "";
  }, { capture: true });

  document.addEventListener("htmx:afterSettle", () => {
    const { start, end } = document.getElementById("result")?.dataset ?? {};
    const days = { start_date: start, end_date: end };
    for (const [id, day] of Object.entries(days)) {
      const input = document.getElementById(id);
      if (day && input && input !== document.activeElement) input.value = day;
    }
  });
})();
