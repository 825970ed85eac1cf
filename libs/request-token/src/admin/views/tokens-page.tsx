import type { ListedToken } from '../../operations/list-options.js';
import { TOKEN_STATES } from '../../entities/token-state.js';
import { STATE_TEXTS } from '../explain.js';
import { FindForm, type Frame, Layout } from './layout.js';
import { Choice, Field, Next, Recipient, Text, Time } from './parts.js';

interface TokensPageProps extends Frame {
  tokens: ListedToken[];
  after?: string;
  labels: Map<string, string>;
  query: Record<string, string>;
  problem?: string;
}

const STATES = TOKEN_STATES.map((state): [string, string] => [state, STATE_TEXTS[state]]);

export const TokensPage = ({ tokens, after, labels, query, problem, ...frame }: TokensPageProps) => (
  <Layout {...frame} title="Tokens" current="">
    <FindForm base={frame.base} />
    <form method="get">
      <Field name="user" label="User" value={query.user} />
      <Field name="scope" label="Scope" value={query.scope} />
      <Choice name="state" label="State" value={query.state} choices={STATES} />
      <Field name="issuedFrom" label="Issued from (UTC)" value={query.issuedFrom} type="date" />
      <Field name="issuedTo" label="Before (UTC)" value={query.issuedTo} type="date" />
      <button>Filter</button>
    </form>
    {problem !== undefined && <p class="bad">{problem}</p>}
    {tokens.length > 0 && (
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Issued</th>
            <th scope="col">Scope or target</th>
            <th scope="col">User</th>
            <th scope="col">State</th>
            <th scope="col">Uses</th>
          </tr>
        </thead>
        <tbody>
          {tokens.map(({ id, issuedAt, scope, targetPath, userId, state, useCount, maxUses }) => (
            <tr key={id}>
              <td data-label="Issued">
                <a href={`${frame.base}/${id}`}>
                  <Time of={issuedAt} />
                </a>
              </td>
              <td data-label="Scope or target">
                <Text>{scope ?? targetPath}</Text>
              </td>
              <td data-label="User">
                <Recipient userId={userId} labels={labels} />
              </td>
              <td data-label="State" class={state === 'usable' ? 'good' : undefined}>
                {STATE_TEXTS[state]}
              </td>
              <td data-label="Uses">
                {maxUses === null ? `${useCount}, unlimited` : `${useCount} of ${maxUses}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <Next path={frame.base} query={query} after={after} isEmpty={tokens.length === 0} what="tokens" />
    <p class="quiet">
      Deferred tokens are not in this list before their first use: paste their link to see how they are.
    </p>
  </Layout>
);
