import type { Statistic } from '../../operations/statistics-options.js';
import { type Frame, Layout } from './layout.js';
import { Field, Text } from './parts.js';

interface FiguresPageProps extends Frame {
  days: Statistic[];
  scopes: Statistic[];
  query: Record<string, string>;
  problem?: string;
}

export const FiguresPage = ({ days, scopes, query, problem, ...frame }: FiguresPageProps) => (
  <Layout {...frame} title="Figures" current="figures">
    <form method="get">
      <Field name="from" label="From (UTC)" value={query.from} type="date" />
      <Field name="to" label="before" value={query.to} type="date" />
      <Field name="scope" label="Scope" value={query.scope} />
      <button>Show</button>
    </form>
    {problem !== undefined && <p class="bad">{problem}</p>}
    {days.length === 0 ? (
      <p>Nothing happened.</p>
    ) : (
      <>
        <Chart days={days} />
        <p class="quiet">
          <span class="key used">Used</span> and <span class="key refused">refused</span> by day.
        </p>
        <Table caption="By day" of="Day" statistics={days} />
        <Table caption="By scope" of="Scope" statistics={scopes} />
      </>
    )}
  </Layout>
);

/** For the eye; the table says the same in numbers. */
const Chart = ({ days }: { days: Statistic[] }) => {
  const most = Math.max(1, ...days.map((day) => Math.max(day.used, refusals(day))));
  const height = (count: number) => (count / most) * 96;
  return (
    <svg
      viewBox={`0 0 ${days.length * 10} 100`}
      preserveAspectRatio="none"
      role="img"
      aria-label="Uses and refusals by day"
    >
      {days.map((day, index) => (
        <g key={day.key}>
          <title>{`${day.key}: ${day.used} used, ${refusals(day)} refused`}</title>
          <rect
            class="bar"
            x={index * 10 + 1}
            y={100 - height(day.used)}
            width={4}
            height={height(day.used)}
          />
          <rect
            class="bar refused"
            x={index * 10 + 5}
            y={100 - height(refusals(day))}
            width={4}
            height={height(refusals(day))}
          />
        </g>
      ))}
    </svg>
  );
};

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

const refusals = ({ refused }: Statistic): number =>
  Object.values(refused).reduce((sum, count) => sum + count, 0);
