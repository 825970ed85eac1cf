import type { RequestToken } from '../../entities/request-token.entity.js';
import type { RequestTokenState } from '../../entities/token-state.js';
import { verdictOf } from '../explain.js';
import type { RequestTokenErrorCode } from '../../common/exception.js';
import { type Frame, Layout } from './layout.js';
import { TokenFacts } from './token-facts.js';
import { Button } from './token-page.js';

interface DeferredPageProps extends Frame {
  token: RequestToken;
  state: RequestTokenState;
  /** Why the link would be refused, by something that is not the token's. */
  code?: RequestTokenErrorCode;
  labels: Map<string, string>;
}

/** A deferred token before its first use: all that is known of it stood in the link. */
export const DeferredPage = ({ token, state, code, labels, ...frame }: DeferredPageProps) => (
  <Layout {...frame} title={`Token for ${token.scope ?? token.targetPath ?? 'nothing'}`}>
    <p class={`verdict ${code === undefined ? 'good' : 'bad'}`}>
      {verdictOf(token, state, [], 0, code)} Nobody has used it: it was issued deferred, so that it is in no
      list before its first use, and is known from its link only.
    </p>
    {!frame.isReadOnly && token.revokedAt === null && (
      <Button base={frame.base} id={token.id} action="revoke" text="Revoke this link" />
    )}
    <h2>Facts</h2>
    <TokenFacts base={frame.base} token={token} labels={labels} />
  </Layout>
);
