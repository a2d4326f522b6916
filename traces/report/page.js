/* Draws the page's charts from its data. Everything drawn stands in the page's tables too. */
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const color = (i) => `var(--c${i % 12})`;
  const ink = "var(--ink)", soft = "var(--soft)";
  const si = (unit) => (v) => v === 0 ? "0" : `${d3.format(".4~s")(v).replace("µ", "µ")} ${unit}`.replace(/(\d)([a-zA-Zµ]?) /, "$1 $2");
  const numbers = (list) => (list || []).map((v) => v === null ? NaN : +v);

  /* ---- Pieces that charts share ---- */

  function draw(place, options) {
    const width = Math.max(280, Math.floor(place.clientWidth || 640));
    const narrow = width < 460;
    place.replaceChildren(Plot.plot({
      width, marginTop: 18, marginRight: 20, marginBottom: 34, marginLeft: 48,
      style: { background: "transparent", color: "currentColor", fontSize: "11px" },
      ...options(width, narrow),
    }));
  }

  function legend(place, entries) {
    const box = document.createElement("div");
    box.className = "legend";
    for (const [name, fill] of entries) {
      const item = document.createElement("span"), mark = document.createElement("i");
      mark.style.background = fill;
      item.append(mark, name);
      box.append(item);
    }
    place.prepend(box);
  }

  /* Labels at the ends of lines, pushed apart: [{x, y, text, fill}], y on a linear scale that is
   * `high` units in `pixels` pixels. */
  function apart(labels, high, pixels) {
    const step = 12 * high / pixels;
    labels.sort((a, b) => a.y - b.y);
    for (let i = 1; i < labels.length; i++) {
      labels[i].y = Math.max(labels[i].y, labels[i - 1].y + step);
    }
    return labels;
  }

  /* ---- By epoch ---- */

  function series(names) {
    const lines = [];
    const several = data.runs.length > 1;
    data.runs.forEach((run, r) => {
      names.run.forEach(([column, text, wide], k) => lines.push({
        text: !several ? text : names.run.length > 1 ? `${run.label} ${text}` : run.label, wide, dash: null,
        fill: color(several ? r : k), x: numbers(run.metrics.epoch), y: numbers(run.metrics[column]),
      }));
    });
    data.baselines.forEach((run, r) => {
      names.baseline.forEach(([column, text], k) => lines.push({
        text: data.baselines.length > 1 ? `${run.label} ${text}` : text, dash: k ? "1,3" : "5,3", wide: false,
        fill: "var(--c8)", x: numbers(run.metrics.epoch), y: numbers(run.metrics[column]), r,
      }));
    });
    return lines.map((l) => ({
      ...l, at: l.x.map((x, i) => ({ x, y: l.y[i] })).filter((p) => Number.isFinite(p.y)),
    })).filter((l) => l.at.length > 0);
  }

  /* The results that have names: SGD-LP and SGD-FP are iterates at swa_start, SWA-FP is the average
   * at the end, which fp32 evaluates once. */
  function named() {
    const several = data.runs.length > 1, list = [];
    const add = (run, x, key, text, fill, end) => {
      if (typeof run.run[key] === "number" && Number.isFinite(x)) {
        list.push({ x, y: run.run[key], text, fill, end });
      }
    };
    data.runs.forEach((run, r) => add(run, run.swa_start, "test_error_sgd_lp",
      several ? `${run.label} SGD-LP` : "SGD-LP", color(several ? r : 0), false));
    data.baselines.forEach((run) => {
      add(run, run.run.swa_start, "test_error_sgd_fp", "SGD-FP", "var(--c8)", false);
      add(run, run.run.epochs, "test_error_swa_fp", "SWA-FP", "var(--c8)", true);
    });
    return list;
  }

  function byEpoch(names, unit, format) {
    return (place) => {
      const lines = series(names);
      if (lines.length === 0) {
        place.textContent = "not recorded in these runs";
        return;
      }
      const points = names.points ? named() : [];
      const all = lines.flatMap((l) => l.at.map((p) => p.y)).concat(points.map((p) => p.y));
      /* Where the first epochs are far off they are cut, and the axis says so. */
      const usual = d3.quantile([...all].sort(d3.ascending), 0.75);
      const most = d3.max(all), cut = most > 3 * usual && usual > 0 ? 2 * usual : most;
      const least = d3.min(all), room = (cut - least || most || 1) * 0.06;
      const domain = [names.zero ? 0 : Math.max(0, least - room), cut + room];
      const last = d3.max(lines, (l) => l.at[l.at.length - 1].x);
      const starts = [...new Set(data.runs.map((r) => r.swa_start))];
      const ended = (l) => `${l.text} ${format(l.at ? l.at[l.at.length - 1].y : l.y)}`;
      const text = 22 + 6.2 * d3.max([...lines, ...points.filter((p) => p.end)], (l) => ended(l).length);
      draw(place, (width, narrow) => {
        const height = narrow ? 230 : 270;
        const ends = apart(lines.map((l) => {
          const p = l.at[l.at.length - 1];
          return { y: Math.min(p.y, domain[1]), text: `${l.text} ${format(p.y)}`, fill: l.fill };
        }).concat(points.filter((p) => p.end).map((p) => ({ ...p, text: `${p.text} ${format(p.y)}` }))),
        domain[1] - domain[0], height - 52);
        return {
          height, marginRight: text,
          x: { label: "epoch", ticks: Math.min(narrow ? 4 : 8, d3.max(lines, (l) => l.at.length)), tickFormat: "d" },
          y: { label: cut < most ? `${unit} (values above ${format(domain[1])} cut off)` : unit, domain, grid: true,
            tickFormat: domain[1] >= 10000 ? "~s" : undefined },
          marks: [
            Plot.ruleX(starts, { stroke: soft, strokeDasharray: "2,3" }),
            Plot.text(starts, { x: (d) => d, frameAnchor: "top", dy: -6, text: () => "averaging starts", fill: soft }),
            ...lines.map((l) => Plot.line(l.at, {
              x: "x", y: "y", stroke: l.fill, strokeWidth: l.wide ? 2.4 : 1.4,
              strokeDasharray: l.dash, clip: true,
            })),
            ...lines.filter((l) => l.at.length < 12).map((l) => Plot.dot(l.at, { x: "x", y: "y", fill: l.fill, r: 2.2, clip: true })),
            Plot.dot(points, { x: "x", y: "y", stroke: "fill", fill: "var(--paper)", strokeWidth: 1.8, r: 3.6 }),
            Plot.text(points.filter((p) => !p.end), { x: "x", y: "y", text: (d) => `${d.text} ${format(d.y)}`, fill: "fill",
              textAnchor: "end", dx: -7, dy: 8, stroke: "var(--paper)", strokeWidth: 3 }),
            Plot.text(ends, { x: () => last, y: "y", text: "text", fill: "fill", textAnchor: "start", dx: 7 }),
            Plot.tip(lines.flatMap((l) => l.at.map((p) => ({ ...p, text: l.text }))), Plot.pointer({
              x: "x", y: "y", fill: "var(--paper)", title: (d) => `${d.text}\nepoch ${d.x}: ${format(d.y)}`,
            })),
          ],
        };
      });
    };
  }

  const two = (v) => v.toFixed(2);

  /* ---- Energy ---- */

  const groups = [
    ["array", ["array", "aligner", "fp32"]], ["registers", ["registers"]],
    ["quantizer, vector, scalar", ["quantizer", "vector", "scalar", "lfsr"]],
    ["SRAM", ["sram input", "sram weight", "sram output"]], ["DRAM read", ["dram read"]],
    ["DRAM write", ["dram write"]], ["DRAM spill", ["dram spill"]],
    ["leakage, background", ["dram activate", "leakage", "dram background", "dram refresh"]],
  ];
  const groupOf = (part) => groups.findIndex(([, parts]) => parts.includes(part));

  /* Rows of the energy summed by two of their indices: [{y, part, low, high}]. */
  function summed(run, names, index, other) {
    const sums = d3.rollup(run.energy, (v) => [d3.sum(v, (d) => d[3]), d3.sum(v, (d) => d[4])],
      (d) => names(d[index]), other);
    return [...sums].flatMap(([y, parts]) => [...parts].map(([part, [low, high]]) => ({ y, part, low, high })));
  }

  function bars(place, rows, domain, parts, fills) {
    const totals = d3.rollups(rows, (v) => ({ low: d3.sum(v, (d) => d.low), high: d3.sum(v, (d) => d.high) }), (d) => d.y)
      .map(([y, t]) => ({ y, ...t }));
    const left = Math.min(170, 12 + 6.2 * d3.max(domain, (d) => d.length));
    const most = d3.max(totals, (d) => d.high);
    draw(place, (width, narrow) => ({
      height: 52 + domain.length * (domain.length > 30 ? 13 : 20), marginLeft: left, marginRight: 62,
      x: { label: "J", grid: true, domain: [0, most], ticks: narrow ? 3 : 5, tickFormat: (v) => si("J")(v) },
      y: { label: null, domain, padding: 0.25 },
      marks: [
        Plot.barX(rows, Plot.stackX({ x: "low", y: "y", fill: (d) => fills[d.part], order: (d) => d.part })),
        Plot.ruleY(totals, { y: "y", x1: "low", x2: "high", stroke: ink }),
        Plot.tickX(totals, { y: "y", x: "high", stroke: ink, insetTop: 3, insetBottom: 3 }),
        Plot.text(totals, { y: "y", x: "high", text: (d) => si("J")(d.low), textAnchor: "start", dx: 5, fill: ink }),
        Plot.ruleX([0]),
        Plot.tip(rows, Plot.pointerY(Plot.stackX({
          x: "low", y: "y", order: (d) => d.part, fill: "var(--paper)",
          title: (d) => `${d.y}\n${parts[d.part]}: ${si("J")(d.low)} to ${si("J")(d.high)}`,
        }))),
      ],
    }));
    const used = [...new Set(rows.map((d) => d.part))].sort(d3.ascending);
    if (used.length > 1) {
      legend(place, used.map((k) => [parts[k], fills[k]]));
    }
  }

  const groupColors = [0, 5, 2, 9, 1, 10, 7, 8].map(color);
  const phaseColors = [0, 1, 2, 3, 4, 8, 6].map(color);

  function phases(place, run) {
    const rows = summed(run, (i) => run.phases[i], 1, (d) => groupOf(run.components[d[2]]));
    const domain = run.phases.filter((p) => rows.some((d) => d.y === p));
    bars(place, rows, domain, groups.map(([name]) => name), groupColors);
  }

  function components(place, run) {
    const rows = summed(run, (i) => run.components[i], 2, (d) => d[1]);
    bars(place, rows, run.components.filter((p) => rows.some((d) => d.y === p)), run.phases, phaseColors);
  }

  /* Deep nets by their blocks: "s1b1.conv1" counts as s1b1. */
  function layers(place, run) {
    const deep = run.layers.length > 40;
    const name = (i) => deep ? run.layers[i].split(".")[0] : run.layers[i];
    const rows = summed(run, name, 0, (d) => d[1]);
    const domain = [...new Set(run.layers.map((l, i) => name(i)))].filter((l) => rows.some((d) => d.y === l));
    bars(place, rows, domain, run.phases, phaseColors);
  }

  function spread(place) {
    const rows = data.runs.flatMap((run, r) => ["totals", "totals_of_what_all_price"].flatMap((key) =>
      Object.entries(run.cost[key].tables).map(([table, t]) => ({
        y: data.runs.length > 1 ? `${table}, ${run.label}` : table, r,
        of: key === "totals" ? "all it prices" : "what all price", low: t.joules_low, high: t.joules_high,
      }))));
    const domain = [...new Set(rows.map((d) => d.y))];
    const left = Math.min(230, 12 + 6.2 * d3.max(domain, (d) => d.length));
    draw(place, (width, narrow) => ({
      height: 90 + domain.length * 44, marginLeft: narrow ? Math.min(left, 120) : left, marginRight: 110, marginTop: 8, insetTop: 20,
      x: { type: "log", label: "J", grid: true, ticks: narrow ? 3 : 5, tickFormat: (v) => si("J")(v) },
      y: { label: null, domain }, fy: { axis: null, domain: ["all it prices", "what all price"] },
      marks: [
        Plot.frame({ stroke: "var(--line)" }),
        Plot.text(["all it prices", "what all price"], { fy: (d) => d, text: (d) => d, frameAnchor: "top-left", dx: 6, dy: 6, fill: soft }),
        Plot.link(rows, { fy: "of", y: "y", x1: "low", x2: "high", stroke: (d) => color(d.r), strokeWidth: 3 }),
        Plot.dot(rows, { fy: "of", y: "y", x: "low", fill: (d) => color(d.r), r: 3 }),
        Plot.dot(rows, { fy: "of", y: "y", x: "high", fill: (d) => color(d.r), r: 3 }),
        Plot.text(rows, { fy: "of", y: "y", x: "high", dx: 7, textAnchor: "start",
          text: (d) => d.low === d.high ? si("J")(d.low) : `${si("J")(d.low)}\u2013${si("J")(d.high)}` }),
      ],
    }));
  }

  /* ---- A step ---- */

  /* Runs of commands of one phase. */
  function bands(names) {
    const list = [];
    names.forEach((phase, i) => {
      const last = list[list.length - 1];
      const group = phase.endsWith("gradient") ? "backward" : phase;
      if (last && last.phase === group) {
        last.x2 = i + 1;
      } else {
        list.push({ phase: group, x1: i, x2: i + 1 });
      }
    });
    return list;
  }

  /* The commands that are drawn: all, or the largest of each few where a step has more than there
   * are pixels; those of the peaks among them. */
  function shown(f) {
    const few = Math.ceil(f.total.length / 1000), list = [];
    for (let x = 0; x < f.total.length; x += few) {
      const part = d3.range(x, Math.min(x + few, f.total.length));
      const most = d3.greatest(part, (i) => f.total[i]);
      list.push(...new Set([most, ...part.filter((i) => i === f.peak || i === f.peak_fp32)]));
    }
    return list.sort(d3.ascending);
  }

  const kindOrder = ["weight", "momentum", "gradient", "activation", "error", "mask", "index", "input", "exponent", "other", "average"];

  function footprint(place, run) {
    const f = run.footprint;
    const kinds = kindOrder.filter((k) => f.kinds[k]);
    const fills = Object.fromEntries(kindOrder.map((k, i) => [k, color(i)]));
    const at = shown(f);
    const rows = kinds.flatMap((kind) => at.map((x) => ({ kind, bytes: f.kinds[kind][x], x })));
    const total = at.map((x) => ({ x, bytes: f.total[x] })), fp32 = at.map((x) => ({ x, bytes: f.fp32[x] }));
    const peak32 = [{ x: f.peak_fp32, bytes: f.fp32[f.peak_fp32] }];
    const peak = [{ x: f.peak, bytes: f.total[f.peak] }];
    draw(place, (width, narrow) => ({
      height: narrow ? 240 : 300, marginLeft: 62, marginBottom: 46,
      x: { label: "command of the step", tickFormat: "d", domain: [0, f.total.length] },
      y: { label: "bytes", grid: true, tickFormat: (v) => si("B")(v) },
      marks: [
        Plot.areaY(rows, Plot.stackY({ x: "x", y: "bytes", fill: (d) => fills[d.kind], z: "kind", order: kinds, curve: "step-after" })),
        Plot.line(fp32, { x: "x", y: "bytes", stroke: soft, curve: "step-after" }),
        Plot.text(peak32, { x: "x", y: "bytes", text: (d) => `fp32 ${si("B")(d.bytes)}`, dy: -8, fill: soft }),
        Plot.dot(peak, { x: "x", y: "bytes", fill: ink, r: 3 }),
        Plot.text(peak, { x: "x", y: "bytes", text: (d) => `${si("B")(d.bytes)}, ${f.label[f.peak]}`, dy: -10, fontWeight: 600, stroke: "var(--paper)", fill: ink, strokeWidth: 3 }),
        Plot.ruleX(bands(f.phase).slice(1), { x: "x1", stroke: soft, strokeDasharray: "2,3" }),
        Plot.text(bands(f.phase).filter((b) => (b.x2 - b.x1) / f.total.length > 0.06), {
          x: (d) => (d.x1 + d.x2) / 2, frameAnchor: "bottom", dy: 26, text: "phase", fill: soft }),
        Plot.ruleY([0]),
        Plot.tip(total, Plot.pointerX({ x: "x", y: "bytes", fill: "var(--paper)",
          title: (d) => `${d.x}: ${f.label[d.x]}\n${si("B")(d.bytes)}, fp32 ${si("B")(f.fp32[d.x])}` })),
      ],
    }));
    legend(place, kinds.map((k) => [k, fills[k]]));
  }

  function roofline(place, run) {
    const c = run.chains, m = run.machine, top = m.rows * m.cols;
    const rows = c.label.map((label, i) => ({
      label, phase: c.phase[i], x: c.macs[i] / Math.max(1, c.bytes[i]), y: c.macs[i] / Math.max(1, c.cycles[i]), cycles: c.cycles[i],
    })).filter((d) => d.y > 0);
    if (rows.length === 0) {
      place.textContent = "no contractions";
      return;
    }
    const ridge = top / m.dram_bytes_per_cycle;
    const x = [Math.min(ridge, d3.min(rows, (d) => d.x)) / 2, Math.max(ridge, d3.max(rows, (d) => d.x)) * 3];
    const roof = [x[0], ridge, x[1]].map((v) => ({ x: v, y: Math.min(top, v * m.dram_bytes_per_cycle) }));
    const order = ["forward", "data_gradient", "weight_gradient"];
    const longest = [...rows].sort((a, b) => b.cycles - a.cycles).slice(0, rows.length > 30 ? 0 : 3);
    draw(place, (width, narrow) => ({
      height: narrow ? 260 : 320, marginRight: 24,
      x: { type: "log", domain: x, label: "MACs a byte of DRAM", grid: true, ticks: 5, tickFormat: "~g" },
      y: { type: "log", domain: [d3.min(rows, (d) => d.y) / 2, top * 1.6], label: "MACs a cycle", grid: true, ticks: 5, tickFormat: "~g" },
      r: { range: [2.5, 9] },
      marks: [
        Plot.line(roof, { x: "x", y: "y", stroke: ink, strokeWidth: 1.6, clip: true }),
        Plot.text([roof[2]], { x: "x", y: "y", text: () => `${m.rows} x ${m.cols} array: ${top}`, textAnchor: "end", dy: -7 }),
        Plot.text([Math.sqrt(x[0] * ridge)], { x: (d) => d, y: (d) => d * m.dram_bytes_per_cycle,
          text: () => `DRAM:\n${m.dram_bytes_per_cycle} B a cycle`, textAnchor: "end", dx: -8, dy: -10 }),
        Plot.dot(rows, { x: "x", y: "y", r: "cycles", fill: (d) => color(order.indexOf(d.phase)), fillOpacity: 0.75, stroke: "var(--paper)", strokeWidth: 0.6 }),
        Plot.text(longest, { x: "x", y: "y", text: "label", dy: 16, fill: ink, stroke: "var(--paper)", strokeWidth: 3 }),
        Plot.tip(rows, Plot.pointer({ x: "x", y: "y", fill: "var(--paper)",
          title: (d) => `${d.label}\n${d.y.toPrecision(4)} MACs a cycle (${(100 * d.y / top).toFixed(1)} % of the array)\n${d.x.toPrecision(4)} MACs a byte, ${d3.format(",")(d.cycles)} cycles` })),
      ],
    }));
    legend(place, order.map((p, i) => [p, color(i)]).concat([["size: cycles", "transparent"]]));
  }

  function units(place, run) {
    const names = ["array", "quantizer", "vector", "scalar"];
    const all = Object.entries(run.cost.phases).filter(([, n]) => n.cycles > 0);
    const rows = all.flatMap(([phase, n]) => names.map((unit, k) => ({ phase, unit, k, x: 100 * n[`${unit}_cycles`] / n.cycles })));
    const macs = all.map(([phase, n]) => ({ phase, x: 100 * n.macs / (run.machine.rows * run.machine.cols * n.cycles) }));
    draw(place, (width, narrow) => ({
      height: 60 + all.length * 34, marginLeft: 100,
      x: { label: "% of elapsed cycles", domain: [0, Math.max(100, d3.max(rows, (d) => d.x))], grid: true },
      y: { label: null, domain: all.map(([p]) => p) },
      marks: [
        Plot.ruleY(all.map(([p]) => p), { stroke: "var(--line)" }),
        Plot.dot(rows, { x: "x", y: "phase", fill: (d) => color(d.k), r: 5 }),
        Plot.tickX(macs, { x: "x", y: "phase", stroke: ink, strokeWidth: 2, insetTop: 5, insetBottom: 5 }),
        Plot.tip(rows, Plot.pointer({ x: "x", y: "phase", fill: "var(--paper)", title: (d) => `${d.phase}, ${d.unit}: ${d.x.toFixed(1)} %` })),
      ],
    }));
    legend(place, names.map((n, k) => [n, color(k)]).concat([["bar: MACs done of those that the array's places could do", ink]]));
  }

  /* ---- Values ---- */

  const roles = ["weight", "momentum", "gradient", "activation", "error", "input"];

  function byTensor(place, run, value, y, height) {
    const first = run.steps[0].values, place_of = new Map();
    const rows = run.steps.flatMap((step, s) => step.values.label.map((label, i) => value(step.values, i, { label, role: step.values.role[i], s, at: step.at, step: step.step })));
    const shown = roles.filter((r) => rows.some((d) => d.role === r));
    for (const role of shown) {
      first.label.filter((l, i) => first.role[i] === role).forEach((label, i) => place_of.set(label, i));
    }
    const most = d3.max([...place_of.values()]) + 1;
    /* Steps stand 5 px apart where there is room for it. */
    const gap = Math.min(0.3, 5 * most / Math.max(300, place.clientWidth - 130));
    const at = (d) => place_of.get(d.label) + (d.s - (run.steps.length - 1) / 2) * gap;
    const wide = place.clientWidth / most > 80;
    const names = wide ? rows.filter((d) => d.s === 0 && place_of.has(d.label)) : [];
    draw(place, (width, narrow) => ({
      height: 46 + shown.length * height, marginLeft: 48, marginRight: narrow ? 70 : 86, marginTop: 8,
      x: { label: "tensor, in the order of the step", domain: [-0.6, most - 0.4], ticks: 0, tickSize: 0 },
      insetTop: 5, insetBottom: 18, y, fy: { label: null, domain: shown },
      marks: [
        Plot.frame({ stroke: "var(--line)" }),
        Plot.text(names, { fy: "role", x: (d) => place_of.get(d.label), text: (d) => d.label.replace(/ (quantize|step|momentum|gradient)\b/g, ""), frameAnchor: "bottom", dy: -4, fill: soft, fontSize: 10 }),
        ...y.marks(rows.filter((d) => place_of.has(d.label)), at, most),
      ],
    }));
    legend(place, run.steps.map((s, i) => [`${s.at}: step ${s.step}`, color([0, 1, 2][i])]));
  }

  function exponents(place, run) {
    byTensor(place, run, (v, i, d) => ({ ...d, min: v.min[i], max: v.max[i], bits: v.wl[i] }), {
      label: "E", grid: true, tickFormat: "d",
      marks: (rows, at, most) => [
        Plot.link(rows.filter((d) => d.min !== null), { fy: "role", x1: at, x2: at, y1: (d) => d.min - 0.3, y2: (d) => d.max + 0.3,
          stroke: (d) => color(d.s), strokeWidth: most > 60 ? 1 : 3 }),
        Plot.tip(rows, Plot.pointer({ fy: "role", x: at, y: "max", fill: "var(--paper)",
          title: (d) => `${d.label}\n${d.at}: E ${d.min} to ${d.max}, ${d.bits} bits` })),
      ],
    }, 110);
  }

  function limits(place, run) {
    const most = Math.max(0.01, d3.max(run.steps, (s) => d3.max(s.values.limit, (n, i) => 100 * n / Math.max(1, s.values.elements[i]))));
    byTensor(place, run, (v, i, d) => ({ ...d, y: 100 * v.limit[i] / Math.max(1, v.elements[i]), zero: 100 * v.zero[i] / Math.max(1, v.elements[i]), clipped: v.clipped[i] }), {
      label: "%", grid: true, type: "sqrt", ticks: [0, most / 4, most], tickFormat: (v) => v.toPrecision(2), domain: [0, most],
      marks: (rows, at, most) => [
        Plot.link(rows, { fy: "role", x1: at, x2: at, y1: 0, y2: "y", stroke: (d) => color(d.s), strokeWidth: most > 60 ? 1 : 3 }),
        Plot.tip(rows, Plot.pointer({ fy: "role", x: at, y: "y", fill: "var(--paper)",
          title: (d) => `${d.label}\n${d.at}: ${d.y.toFixed(3)} % at the limit, ${d.zero.toFixed(1)} % zero, ${d.clipped} clipped` })),
      ],
    }, 84);
  }

  /* ---- Which chart is which ---- */

  const charts = {
    errors: byEpoch({ run: [["test_error", "iterate", false], ["swalp_error", "SWALP", true]], baseline: [["test_error", "fp32"]], points: true }, "%", two),
    training: byEpoch({ run: [["train_error", "8 bits", false]], baseline: [["train_error", "fp32"]] }, "%", two),
    loss: byEpoch({ run: [["train_loss", "training", false], ["test_loss", "test", false], ["swalp_loss", "SWALP", true]], baseline: [["train_loss", "fp32 training"]] }, "nats", (v) => v.toFixed(4)),
    clipped: byEpoch({ run: [["clipped", "clipped", false]], baseline: [], zero: true }, "values an epoch", (v) => v.toLocaleString("en")),
    spread, phases, components, layers, footprint, roofline, units, exponents, limits,
  };

  function drawAll() {
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const place = figure.querySelector(".chart");
      const run = figure.dataset.run === undefined ? null : data.runs[+figure.dataset.run];
      charts[figure.dataset.chart](place, run);
    }
  }

  if (typeof Plot === "undefined") {
    for (const place of document.querySelectorAll(".chart")) {
      place.textContent = "This page was made without its chart libraries; the tables below hold the same figures.";
    }
    return;
  }
  drawAll();
  let width = document.body.clientWidth;
  window.addEventListener("resize", () => {
    if (document.body.clientWidth !== width) {
      width = document.body.clientWidth;
      drawAll();
    }
  });
})();
