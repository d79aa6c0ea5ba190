/* Draws each figure of data-chart from the JSON in it; colours come from the style sheet. */
(() => {
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
  const usd = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
  const money = (value) => `${value < 0 ? "−" : ""}${usd.format(Math.abs(value))}`;

  const asShares = (series) => {
    const totals = series[0] ? series[0].values.map((_, at) => series.reduce((sum, each) => sum + Math.max(each.values[at], 0), 0)) : [];
    return series.map((each) => ({ ...each, values: each.values.map((value, at) => (totals[at] ? (Math.max(value, 0) * 100) / totals[at] : 0)) }));
  };

  const dataset = (each, said) => {
    const line = said.kind === "lines";
    const base = colour(each.colour);
    // Provisional days are paler: Confluent may still restate them.
    const paler = (at) => (said.provisional[at] ? `${base}99` : base);
    return {
      label: each.label,
      data: each.values,
      backgroundColor: line ? base : each.values.map((_, at) => paler(at)),
      borderColor: base,
      borderWidth: line ? 2 : 0,
      pointRadius: line && each.values.length > 1 ? 0 : 3,
      pointHitRadius: 8,
      tension: 0,
    };
  };

  const tip = (said, item) => {
    const value = said.kind === "share" ? `${item.parsed.y.toFixed(1)} %` : money(item.parsed.y);
    return `${item.dataset.label}: ${value}`;
  };

  const foot = (said, items) => {
    const at = items[0].dataIndex;
    const open = said.provisional[at] ? ["Provisional"] : [];
    if (said.kind !== "bars" || said.series.length < 2) return open;
    return [`Total: ${money(said.series.reduce((sum, each) => sum + each.values[at], 0))}`, ...open];
  };

  const options = (said) => {
    const stacked = said.kind !== "lines";
    const axis = { color: colour("quiet"), maxRotation: 0, autoSkipPadding: 16 };
    return {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: "index", intersect: false },
      onClick: (event, items, chart) => {
        const hit = chart.getElementsAtEventForMode(event, "index", { intersect: false }, false)[0];
        if (hit && said.links[hit.index]) location.assign(said.links[hit.index]);
      },
      onHover: (event, items) => {
        event.native.target.style.cursor = items.length && said.links.length ? "pointer" : "default";
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          itemSort: (a, b) => Math.abs(b.parsed.y) - Math.abs(a.parsed.y),
          callbacks: { label: (item) => tip(said, item), footer: (items) => foot(said, items) },
        },
      },
      scales: {
        x: { stacked, ticks: axis, grid: { display: false }, border: { color: colour("line") } },
        y: {
          stacked,
          max: said.kind === "share" ? 100 : undefined,
          ticks: { ...axis, callback: (value) => (said.kind === "share" ? `${value} %` : `${value < 0 ? "−" : ""}$${short.format(Math.abs(value))}`) },
          grid: { color: (context) => colour(context.tick.value === 0 ? "quiet" : "grid") },
          // Credits reach below zero, and zero must be in sight.
          afterBuildTicks: (axis) => {
            if (axis.min < 0 && axis.max > 0 && !axis.ticks.some((tick) => tick.value === 0)) {
              axis.ticks = [...axis.ticks, { value: 0 }].sort((a, b) => a.value - b.value);
            }
          },
          border: { display: false },
        },
      },
    };
  };

  const draw = (figure) => {
    const said = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const series = said.kind === "share" ? asShares(said.series) : said.series;
    drawn.get(figure)?.destroy();
    drawn.set(
      figure,
      new Chart(figure.querySelector("canvas"), {
        type: said.kind === "lines" ? "line" : "bar",
        data: { labels: said.labels, datasets: series.map((each) => dataset(each, said)) },
        options: options(said),
      }),
    );
  };

  const drawNew = () => {
    for (const figure of drawn.keys()) {
      if (!figure.isConnected) {
        drawn.get(figure).destroy();
        drawn.delete(figure);
      }
    }
    document.querySelectorAll("[data-chart]").forEach((figure) => drawn.has(figure) || draw(figure));
  };

  drawNew();
  document.addEventListener("htmx:afterSettle", drawNew);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
})();
