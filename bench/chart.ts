// A picture of how something grows: lines over the number of UOWs, both axes by powers of ten.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Growth {
  readonly title: string;
  readonly unit: string;
  /** Count and value, by who it is. */
  readonly lines: ReadonlyMap<string, [count: number, value: number][]>;
}

/** Draws it into an SVG file. */
export async function draw(path: string, { title, unit, lines }: Growth): Promise<void> {
  // Long to load, and only one row draws.
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 420 });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 8 },
    grid: { left: 70, right: 40, top: 50, bottom: 80 },
    xAxis: { type: 'log', name: 'UOWs', nameLocation: 'middle', nameGap: 26 },
    yAxis: { type: 'log', name: unit },
    series: [...lines].map(([name, points]) => ({ type: 'line', name, data: points })),
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${chart.renderToSVGString()}\n`);
  chart.dispose();
}
