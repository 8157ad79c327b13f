/** Charts of the overview: `<div data-chart="stacked" data-facts="ID">`, where ID is a script element with JSON.
 *
 * Drawn on a canvas, tips as well: the page's policy allows no styles written into HTML. A table says the same.
 */
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

interface Facts {
  days: string[];
  channels: { name: string; orders: number[] }[];
  rejected: { name: string; units: number }[];
}

const drawn = new Map<HTMLElement, ECharts>();
const TOKENS = ["--color-primary", "--color-accent", "--color-info", "--color-secondary", "--color-success", "--color-error", "--color-warning"];

/** The colour of a token as a canvas understands it. */
function colour(token: string, opacity = 1): string {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}

function options(kind: string, facts: Facts): Record<string, unknown> {
  const text = colour("--color-base-content", 0.75);
  const line = colour("--color-base-300");
  const axis = { axisLabel: { color: text }, axisLine: { lineStyle: { color: line } }, splitLine: { lineStyle: { color: line } }, axisTick: { show: false } };
  const common = {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    color: TOKENS.map((token) => colour(token)),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, backgroundColor: colour("--color-base-100"), borderColor: line, textStyle: { color: colour("--color-base-content") } },
  };
  if (kind === "bars") {
    const rows = [...facts.rejected].reverse();
    return {
      ...common,
      grid: { left: 0, right: 24, top: 8, bottom: 0, containLabel: true },
      xAxis: { type: "value", minInterval: 1, ...axis },
      yAxis: { type: "category", data: rows.map((row) => row.name), ...axis },
      series: [{ type: "bar", data: rows.map((row) => row.units), barMaxWidth: 28, itemStyle: { borderRadius: [0, 6, 6, 0] } }],
    };
  }
  return {
    ...common,
    legend: { type: "scroll", bottom: 0, icon: "circle", textStyle: { color: text }, pageTextStyle: { color: text } },
    grid: { left: 0, right: 8, top: 12, bottom: 40, containLabel: true },
    xAxis: { type: "category", data: facts.days, ...axis },
    yAxis: { type: "value", minInterval: 1, ...axis },
    series: facts.channels.map((channel) => ({ type: "bar", stack: "orders", name: channel.name, data: channel.orders, barMaxWidth: 48 })),
  };
}

export function draw(): void {
  for (const [place, chart] of drawn) {
    if (place.isConnected) continue;
    chart.dispose();
    drawn.delete(place);
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-chart]")) {
    const source = document.getElementById(place.dataset.facts ?? "");
    if (!source?.textContent) continue;
    const chart = drawn.get(place) ?? init(place, undefined, { renderer: "canvas" });
    drawn.set(place, chart);
    chart.setOption(options(place.dataset.chart ?? "", JSON.parse(source.textContent) as Facts), true);
  }
}

window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
