// What a page does beyond being read: charts, the state of its news, a button to copy a command.
// Nothing here is needed to read a page.
"use strict";

(() => {
  const plots = new Map(); // element -> { plot, data }
  const note = document.getElementById("live-note");
  const pause = document.getElementById("live-switch");
  let paused = false;

  const tone = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888";
  const known = (name) => (name === "completed" ? "done" : name);
  const shown = (value) =>
    value == null ? "" : value.toLocaleString("en", { maximumFractionDigits: 1 });

  const span = (ms) =>
    ms >= 60000 ? `${shown(ms / 60000)} min` : ms >= 1000 ? `${shown(ms / 1000)} s` : `${shown(ms)} ms`;
  const measured = (value, unit) => (unit === "ms" ? span(value) : `${shown(value)} ${unit}`);

  // Charts

  function axis(more) {
    return {
      stroke: tone("soft"),
      grid: { stroke: tone("grid"), width: 1 },
      ticks: { stroke: tone("grid"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
      ...more,
    };
  }

  // A layer stands on those before it; the legend tells its own value.
  function stacked(series) {
    let below = null;
    return series.map((one) => {
      below = one.values.map((value, at) => value + (below ? below[at] : 0));
      return below;
    });
  }

  const two = (number) => String(number).padStart(2, "0");

  // Hours and minutes; seconds where ticks are close, the day where it changes.
  function times(_, ticks, axisAt, space, step) {
    return ticks.map((at, place) => {
      const time = new Date(at * 1000);
      const before = place > 0 ? new Date(ticks[place - 1] * 1000) : null;
      const day = before && before.getUTCDate() !== time.getUTCDate();
      const date = `${two(time.getUTCMonth() + 1)}-${two(time.getUTCDate())}`;
      if (step >= 86400) return date;
      const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}`;
      return day ? `${clock}\n${date}` : step < 60 ? `${clock}:${two(time.getUTCSeconds())}` : clock;
    });
  }

  function options(data, width) {
    const stack = data.form === "stack";
    const bars = stack ? uPlot.paths.bars({ size: [0.9, 24] }) : undefined;
    const one = (series) => {
      const colour = tone(known(series.tone));
      return {
        label: series.label.replace("_", " "),
        stroke: colour,
        fill: stack ? colour : undefined,
        width: stack ? 0 : 1.75,
        paths: bars,
        // A moment between two without any would not be seen as a line.
        points: { show: !stack && series.values.filter((value) => value != null).length < 40, size: 5 },
        spanGaps: false,
        value: (plot, _, index, at) => {
          const value = at == null ? null : series.values[at];
          return value == null ? "" : measured(value, data.unit);
        },
      };
    };
    const list = data.series.map(one);
    return {
      width,
      height: 190,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      cursor: { y: false, drag: { x: true, y: false } },
      legend: { live: true },
      scales: { x: { time: true }, y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
      axes: [axis({ space: 72, values: times }), axis({ size: 60, values: (_, ticks) => ticks.map((tick) => (data.unit === "ms" ? span(tick) : shown(tick))) })],
      // The highest layer is drawn first, so that the lower ones stand before it.
      series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, ...(stack ? list.reverse() : list)],
    };
  }

  function draw(element) {
    const text = element.dataset.chart;
    const before = plots.get(element);
    if (before && before.text === text) return;
    const data = JSON.parse(text);
    const stack = data.form === "stack";
    const values = stack ? stacked(data.series).reverse() : data.series.map((one) => one.values);
    const shape = data.form + data.series.map((one) => one.label).join();
    if (before && before.shape === shape && !stack) {
      before.text = text;
      before.data.series.forEach((one, at) => (one.values = data.series[at].values));
      before.plot.setData([data.at, ...values]);
      return;
    }
    if (before) before.plot.destroy();
    const plot = new uPlot(options(data, element.clientWidth), [data.at, ...values], element);
    plots.set(element, { plot, text, shape, data });
  }

  function drawAll() {
    for (const [element, { plot }] of plots) {
      if (!element.isConnected) {
        plot.destroy();
        plots.delete(element);
      }
    }
    document.querySelectorAll("[data-chart]").forEach(draw);
  }

  function redraw() {
    for (const { plot } of plots.values()) plot.destroy();
    plots.clear();
    drawAll();
  }

  let resizing = 0;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      for (const [element, { plot }] of plots) plot.setSize({ width: element.clientWidth, height: 190 });
    }, 100);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  // Commands

  function offerCopies() {
    if (!navigator.clipboard) return;
    document.querySelectorAll(".command").forEach((command) => {
      if (command.querySelector("button")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy: ${command.textContent}`);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(command.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 1500);
      });
      command.append(button);
    });
  }

  // News

  const clock = () => new Date().toISOString().slice(11, 19);

  function say(state, text) {
    if (!note) return;
    note.dataset.live = state;
    note.textContent = text;
  }

  function look() {
    drawAll();
    offerCopies();
  }

  document.addEventListener("htmx:before:request", (event) => {
    if (paused && event.target.id === "poller") event.preventDefault();
  });
  document.addEventListener("htmx:after:request", (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status === 401) say("lost", "The session is over; reload to enter the token");
    else if (status >= 400) say("lost", `No news: the dashboard answers ${status}`);
    else if (!paused) say("on", `Live, checked ${clock()} UTC`);
  });
  document.addEventListener("htmx:error", () => {
    say("lost", `The dashboard does not answer; this is from before ${clock()} UTC`);
  });
  document.addEventListener("htmx:after:swap", look);

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.textContent = paused ? "Go on" : "Pause";
      say("on", paused ? `Paused at ${clock()} UTC` : "Live");
    });
    say("on", "Live");
  }
  look();
})();
