import { init } from 'echarts';
import type { Row, RowMeasure } from '../measures/results.js';
import { TOKEN_SUBJECTS, type TokenSubjectName } from '../subjects/subject.js';
import type { Report } from './report.js';
import { describeMachine } from './text.js';

const SIZE = { width: 960, height: 440 };

const COLORS: Record<TokenSubjectName, string> = {
  'hand-written': '#b8bec7',
  'hand-written-atomic': '#6b7a90',
  library: '#e0234e',
};

/** A group of bars. */
interface Group {
  label: string;
  measure: RowMeasure;
  connections: number;
}

const REDEEMING: Group[] = [
  { label: '1 connection', measure: 'redeem', connections: 1 },
  { label: '8 connections', measure: 'redeem', connections: 8 },
  { label: '32 connections', measure: 'redeem', connections: 32 },
];

const ISSUING: Group[] = [
  { label: 'issue, one by one', measure: 'issue', connections: 1 },
  { label: 'issue, 64 at a time', measure: 'issue', connections: 64 },
  { label: 'issueMany', measure: 'issueMany', connections: 1 },
];

/** The ratios of a report, as SVG that can be read on any background. */
export function drawChart({ rows, machine }: Report): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  const share = ({ ratio }: Row) => ratio.toFixed(2);
  const rate = ({ median }: Row) => {
    return median.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
  };
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'Arial, sans-serif' },
    title: [
      title('Redeeming: share of a bare route’s requests/s', { left: 24, top: 16 }),
      title('Issuing: times hand-written-atomic (on the bars: tokens/s)', { left: 504, top: 16 }),
      {
        text: describeMachine(machine),
        left: 24,
        bottom: 10,
        textStyle: { fontSize: 11, fontWeight: 'normal', color: '#5b6470' },
      },
    ],
    legend: { bottom: 34, left: 'center', itemGap: 40, data: [...TOKEN_SUBJECTS] },
    grid: [
      { left: 56, top: 64, width: 396, bottom: 96 },
      { left: 536, top: 64, width: 396, bottom: 96 },
    ],
    xAxis: [REDEEMING, ISSUING].map((groups, gridIndex) => ({
      gridIndex,
      data: groups.map(({ label }) => label),
      axisTick: { show: false },
      axisLabel: { color: '#1f2328' },
    })),
    yAxis: [0, 1].map((gridIndex) => ({ gridIndex, axisLabel: { color: '#5b6470' } })),
    series: [
      ...TOKEN_SUBJECTS.map((subject) => bars(rows, subject, REDEEMING, 0, share)),
      ...TOKEN_SUBJECTS.map((subject) => bars(rows, subject, ISSUING, 1, rate)),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const title = (text: string, place: { left: number; top: number }) => ({
  text,
  ...place,
  textStyle: { fontSize: 15, color: '#1f2328' },
});

function bars(
  rows: readonly Row[],
  subject: TokenSubjectName,
  groups: readonly Group[],
  gridIndex: number,
  label: (row: Row) => string,
) {
  const data = groups.map(({ measure, connections }) => {
    const row = rows.find(
      (candidate) =>
        candidate.subject === subject &&
        candidate.measure === measure &&
        candidate.connections === connections,
    );
    if (!row) throw new Error(`The chart lacks ${measure} of ${subject}`);
    return { value: row.ratio, label: { formatter: () => label(row) } };
  });
  return {
    type: 'bar' as const,
    name: subject,
    xAxisIndex: gridIndex,
    yAxisIndex: gridIndex,
    data,
    barGap: '8%',
    barCategoryGap: '28%',
    itemStyle: { color: COLORS[subject] },
    label: { show: true, position: 'top' as const, fontSize: 11, color: '#1f2328' },
  };
}
