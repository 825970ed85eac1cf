import type { RequestTokenErrorCode } from '../../common/exception.js';
import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenLog } from '../../entities/request-token-log.entity.js';
import { outcomeText } from '../explain.js';
import { type Frame, Layout } from './layout.js';
import { Text, Time } from './parts.js';
import { TokenFacts } from './token-facts.js';

interface TokenPageProps extends Frame {
  token: RequestToken;
  attempts: RequestTokenLog[];
  hasMore: boolean;
  hasPending: boolean;
  labels: Map<string, string>;
  verdict: string;
  works: boolean;
  /** What the pasted link says, and the row does not: the page behind a button has to say it, too. */
  code?: RequestTokenErrorCode;
  /** What a button has just done. */
  notice?: string;
}

export const TokenPage = ({ token, attempts, hasMore, hasPending, labels, ...props }: TokenPageProps) => {
  const { verdict, works, code, notice, ...frame } = props;
  const { base, isReadOnly } = frame;
  const button = { base, id: token.id, code };
  return (
    <Layout {...frame} title={`Token for ${token.scope ?? token.targetPath ?? 'nothing'}`}>
      {notice !== undefined && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      <p class={`verdict ${works ? 'good' : 'bad'}`}>{verdict}</p>
      {!isReadOnly && (
        <div class="actions">
          {token.revokedAt === null && <Button {...button} action="revoke" text="Revoke this link" />}
          {hasPending && <Button {...button} action="release" text="Give back what has not ended" />}
          {token.userId !== null && (
            <Button {...button} action="revoke-user" text="Revoke all links of this user" />
          )}
        </div>
      )}
      <h2>Facts</h2>
      <TokenFacts base={base} token={token} labels={labels} />
      <h2>Attempts</h2>
      {attempts.length === 0 ? (
        <p>Nobody has tried to use it, as far as the log goes.</p>
      ) : (
        <ol class="line">
          {attempts.map((attempt) => (
            <Attempt key={attempt.id} {...attempt} />
          ))}
        </ol>
      )}
      {hasMore && (
        <p>
          <a href={`${base}/attempts?${new URLSearchParams({ tokenId: token.id }).toString()}`}>
            All attempts
          </a>
        </p>
      )}
    </Layout>
  );
};

interface ButtonProps {
  base: string;
  id: string;
  code?: RequestTokenErrorCode;
  action: 'revoke' | 'release' | 'revoke-user';
  text: string;
}

export const Button = ({ base, id, code, action, text }: ButtonProps) => (
  <form method="post" action={`${base}/${id}/${action}${code === undefined ? '' : `?code=${code}`}`}>
    <button class={action === 'release' ? undefined : 'bad'}>{text}</button>
  </form>
);

const Attempt = (attempt: RequestTokenLog) => {
  const { startedAt, outcome, clientIp, userAgent, method, path, durationMs, userId } = attempt;
  const where = [method, path].filter((part) => part !== null).join(' ');
  return (
    <li>
      <p>
        <Time of={startedAt} />
      </p>
      <p>
        <strong class={outcome === 'used' ? 'good' : outcome.startsWith('token_') ? 'bad' : undefined}>
          {outcomeText(attempt)}
        </strong>
      </p>
      <p class="quiet">
        <Text>{where === '' ? 'Outside HTTP' : where}</Text>
        {clientIp !== null && `, from ${clientIp}`}
        {durationMs !== null && `, ${durationMs} ms`}
        {userId !== null && `, user ${userId}`}
      </p>
      {userAgent !== null && (
        <p class="agent" tabIndex={userAgent.length > 200 ? 0 : undefined}>
          <Text>{userAgent}</Text>
        </p>
      )}
    </li>
  );
};
