import type { Statistic } from '../../operations/statistics-options.js';
import { type Frame, Layout } from './layout.js';
import { Field, Text } from './parts.js';

interface FiguresPageProps extends Frame {
  /** Those on which something happened. */
  days: Statistic[];
  scopes: Statistic[];
  /** What was asked for, unless it made no sense. */
  from?: Date;
  to?: Date;
  scope?: string;
  problem?: string;
}

const DAY_MS = 86_400_000;

export const FiguresPage = ({ days, scopes, from, to, scope, problem, ...frame }: FiguresPageProps) => (
  <Layout {...frame} title="Figures" current="figures">
    <form method="get">
      <Field name="from" label="From (UTC)" value={from && dayText(from)} type="date" />
      <Field name="to" label="Before (UTC)" value={to && dayText(to)} type="date" />
      <Field name="scope" label="Scope" value={scope} />
      <button>Show</button>
    </form>
    {problem !== undefined && <p class="bad">{problem}</p>}
    {days.length === 0 || !from || !to ? (
      <p>Nothing happened.</p>
    ) : (
      <>
        <Chart bars={barsOf(days, from, to)} />
        <Table caption="By day" of="Day" statistics={days} />
        <Table caption="By scope" of="Scope" statistics={scopes} />
      </>
    )}
  </Layout>
);

interface Bars {
  day: string;
  used: number;
  refused: number;
}

/** Of every day, be it one on which nothing happened: the distance between two is the time between them. */
function barsOf(days: Statistic[], from: Date, to: Date): Bars[] {
  const known = new Map(days.map((day) => [day.key, day]));
  const first = Math.floor(from.getTime() / DAY_MS) * DAY_MS;
  const length = Math.ceil((to.getTime() - first) / DAY_MS);
  return Array.from({ length }, (_, index) => {
    const day = dayText(new Date(first + index * DAY_MS));
    const statistic = known.get(day);
    return { day, used: statistic?.used ?? 0, refused: statistic ? refusals(statistic) : 0 };
  });
}

/** For the eye; the table says the same in numbers. */
const Chart = ({ bars }: { bars: Bars[] }) => {
  const most = Math.max(1, ...bars.map(({ used, refused }) => Math.max(used, refused)));
  return (
    <figure>
      <svg
        viewBox={`0 0 ${bars.length * 10} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label="Uses and refusals by day"
      >
        {bars.map(({ day, used, refused }, index) => (
          <g key={day}>
            <title>{`${day}: ${used} used, ${refused} refused`}</title>
            <Bar kind="bar" x={index * 10 + 1} height={(used / most) * 96} />
            <Bar kind="bar refused" x={index * 10 + 5} height={(refused / most) * 96} />
          </g>
        ))}
      </svg>
      <p class="ends quiet">
        <span>{bars[0].day}</span>
        <span>{bars[bars.length - 1].day}</span>
      </p>
      <figcaption class="quiet">
        <span class="key used">Used</span> and <span class="key refused">refused</span> by day; the highest
        bar is {most.toLocaleString('en')}.
      </figcaption>
    </figure>
  );
};

const Bar = ({ kind, x, height }: { kind: string; x: number; height: number }) =>
  height > 0 ? <rect class={kind} x={x} y={100 - height} width={4} height={height} /> : null;

interface TableProps {
  caption: string;
  of: string;
  statistics: Statistic[];
}

const Table = ({ caption, of, statistics }: TableProps) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{of}</th>
          {['Issued', 'Used', 'Given back', 'Refused', 'Users'].map((name) => (
            <th key={name} scope="col" class="number">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {statistics.map((statistic) => (
          <tr key={statistic.key}>
            <th scope="row">
              <Text>{statistic.key || 'none'}</Text>
            </th>
            {[statistic.issued, statistic.used, statistic.released, refusals(statistic), statistic.users].map(
              (count, index) => (
                <td key={index} class="number">
                  {count.toLocaleString('en')}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const dayText = (moment: Date): string => moment.toISOString().slice(0, 10);

const refusals = ({ refused }: Statistic): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);
