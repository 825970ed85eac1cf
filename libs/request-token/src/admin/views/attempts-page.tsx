import type { ListedAttempt } from '../../operations/attempts-options.js';
import { OUTCOMES } from '../../operations/lists.js';
import { OUTCOME_TEXTS, outcomeText } from '../explain.js';
import { type Frame, Layout } from './layout.js';
import { Choice, Field, Next, Text, Time } from './parts.js';

const CHOICES = OUTCOMES.map((outcome): [string, string] => [outcome, OUTCOME_TEXTS[outcome]]);

interface AttemptsPageProps extends Frame {
  attempts: ListedAttempt[];
  after?: string;
  query: Record<string, string>;
  problem?: string;
}

export const AttemptsPage = ({ attempts, after, query, problem, ...frame }: AttemptsPageProps) => (
  <Layout {...frame} title="Attempts" current="attempts">
    <form method="get">
      <Field name="tokenId" label="Token" value={query.tokenId} />
      <Field name="scope" label="Scope" value={query.scope} />
      <Choice name="outcome" label="Outcome" value={query.outcome} choices={CHOICES} />
      <Field name="clientIp" label="IP address" value={query.clientIp} />
      <Field name="from" label="From (UTC)" value={query.from} type="date" />
      <Field name="to" label="Before (UTC)" value={query.to} type="date" />
      <button>Filter</button>
    </form>
    {problem !== undefined && <p class="bad">{problem}</p>}
    {attempts.length > 0 && (
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Outcome</th>
            <th scope="col">Scope</th>
            <th scope="col">User</th>
            <th scope="col">IP address</th>
            <th scope="col">Request</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.id}>
              <td data-label="Time">
                <a href={`${frame.base}/${attempt.tokenId}`}>
                  <Time of={attempt.startedAt} />
                </a>
              </td>
              <td data-label="Outcome">{outcomeText(attempt)}</td>
              <td data-label="Scope">
                <Text>{attempt.scope ?? 'none'}</Text>
              </td>
              <td data-label="User">
                <Text>{attempt.userId ?? 'nobody'}</Text>
              </td>
              <td data-label="IP address">{attempt.clientIp ?? 'unknown'}</td>
              <td data-label="Request">
                <Text>
                  {[attempt.method, attempt.path].filter((part) => part !== null).join(' ') || 'outside HTTP'}
                </Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <Next
      path={`${frame.base}/attempts`}
      query={query}
      after={after}
      isEmpty={attempts.length === 0}
      what="attempts"
    />
  </Layout>
);
