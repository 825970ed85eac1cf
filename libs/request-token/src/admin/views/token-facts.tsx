import type { RequestToken } from '../../entities/request-token.entity.js';
import { Recipient, Text, Time } from './parts.js';

interface TokenFactsProps {
  base: string;
  token: RequestToken;
  labels: Map<string, string>;
}

export const TokenFacts = ({ base, token, labels }: TokenFactsProps) => {
  const { id, scope, targetPath, userId, loginMode, issuedAt, notBefore, expiresAt, revokedAt } = token;
  const { maxUses, useCount, data, deferredUntil } = token;
  const times: [string, Date | null][] = [
    ['Issued', issuedAt],
    ['Valid from', notBefore],
    ['Expires', expiresAt],
    ['Revoked', revokedAt],
    ['Deferred until', deferredUntil],
  ];
  return (
    <dl>
      <dt>Id</dt>
      <dd>{id}</dd>
      <dt>User</dt>
      <dd>
        <Recipient userId={userId} labels={labels} />
        {userId !== null && (
          <>
            {' '}
            <a href={`${base || '/'}?${new URLSearchParams({ user: userId }).toString()}`}>all tokens</a>
          </>
        )}
      </dd>
      {scope !== null && (
        <>
          <dt>Scope</dt>
          <dd>
            <Text>{scope}</Text>
          </dd>
        </>
      )}
      {targetPath !== null && (
        <>
          <dt>Target</dt>
          <dd>
            <Text>{targetPath}</Text>
          </dd>
        </>
      )}
      <dt>Uses</dt>
      <dd>{maxUses === null ? `${useCount}, unlimited` : `${useCount} of ${maxUses}`}</dd>
      {times.map(
        ([name, time]) =>
          time && (
            <>
              <dt>{name}</dt>
              <dd>
                <Time of={time} />
              </dd>
            </>
          ),
      )}
      <dt>Login mode</dt>
      <dd>{loginMode}</dd>
      {Object.keys(data).length > 0 && (
        <>
          <dt>Data</dt>
          <dd>
            <pre dir="auto">{JSON.stringify(data, null, 2)}</pre>
          </dd>
        </>
      )}
    </dl>
  );
};
