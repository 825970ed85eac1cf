import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { TokenService } from 'nestjs-request-token';
import type { Repository } from 'typeorm';
import { OneClickHeaders } from '../one-click/one-click-headers.js';
import { LINK_TERMS } from '../sending/link-terms.js';
import { Mailer } from '../sending/mailer.js';
import type { SendOutcome } from '../sending/send-outcome.js';
import { Subscriber } from '../subscribers/subscriber.entity.js';
import { renderFreshLinkMail } from './fresh-link-mail.js';
import { FreshLink } from './fresh-link.entity.js';
import { isOfUseToUnsubscribed, isRenewable, type RenewableToken, usesLeft } from './renewal.js';

interface Renewal {
  token: RenewableToken;
  subscriber: Subscriber;
}

/** Mails a new link to whom an expired one was for. */
@Injectable()
export class FreshLinksService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Fresh links');
  private readonly sendings = new Set<Promise<unknown>>();
  private stopping = false;

  constructor(
    private readonly tokens: TokenService,
    private readonly mailer: Mailer,
    private readonly oneClick: OneClickHeaders,
    @InjectRepository(FreshLink) private readonly freshLinks: Repository<FreshLink>,
    @InjectRepository(Subscriber) private readonly subscribers: Repository<Subscriber>,
  ) {}

  /**
   * Whether anything is sent, the caller does not learn, not even from how long it takes. All that is believed
   * is the signature; what it was for and whom, the row tells.
   */
  async request(jwt: string): Promise<void> {
    if (this.stopping) throw new ServiceUnavailableException('The app is shutting down.');
    const claiming = this.claim(jwt);
    // From its first moment on, so that the end of the app cannot come between claiming and sending.
    const sending = claiming
      .catch(() => undefined)
      .then((claimed) => claimed && this.send(claimed))
      .catch((error: unknown) => this.logger.error(error))
      .finally(() => this.sendings.delete(sending));
    this.sendings.add(sending);
    await claiming;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.sendings);
  }

  /** What to send to whom; undefined if there is nothing to renew, or they have just been mailed. */
  private async claim(jwt: string): Promise<Renewal | undefined> {
    const { code, token } = await this.tokens.inspect(jwt);
    if (code !== 'token_expired' || !isRenewable(token)) return undefined;
    const { userId, scope } = token;
    // One statement, so that of many requests at once, to any number of processes, only one goes on.
    const [claimed] = await this.freshLinks.query<{ id: number }[]>(
      `INSERT INTO fresh_link (subscriber_id, scope, sent_at)
       SELECT id, $2, now() FROM subscriber WHERE id = $1 AND (unsubscribed_at IS NULL OR $3::boolean)
       ON CONFLICT (subscriber_id, scope) DO UPDATE SET sent_at = excluded.sent_at
         WHERE fresh_link.sent_at <= excluded.sent_at - interval '10 minutes'
       RETURNING subscriber_id AS id`,
      [userId, scope, isOfUseToUnsubscribed(scope)],
    );
    const subscriber = claimed && (await this.subscribers.findOneBy({ id: claimed.id }));
    return subscriber ? { token, subscriber } : undefined;
  }

  private async send({ token, subscriber }: Renewal): Promise<void> {
    let outcome: SendOutcome | undefined;
    try {
      outcome = await this.mail({ token, subscriber });
    } finally {
      // Nobody can have claimed it since: trying to send takes less than the ten minutes.
      if (!outcome || outcome.status === 'failed') {
        await this.freshLinks.delete({ subscriberId: subscriber.id, scope: token.scope });
      }
    }
    if (outcome.status !== 'sent') {
      this.logger.error(`A new link (${token.scope}) is not known to have been sent: ${outcome.reason}`);
    }
  }

  /** Same purpose, page and data; as many uses as were left. */
  private async mail({ token, subscriber }: Renewal): Promise<SendOutcome> {
    const { scope, targetPath, loginMode, data } = token;
    const issued = await this.tokens.issue({
      user: subscriber,
      scope,
      target: targetPath,
      loginMode,
      data,
      expiresIn: LINK_TERMS[scope].expiresIn,
      maxUses: usesLeft(token),
    });
    const mail = renderFreshLinkMail(scope, issued.url, subscriber.name);
    const headers = scope === 'unsubscribe' ? this.oneClick.of(issued) : {};
    const connection = this.mailer.open();
    try {
      return await connection.send(subscriber, { ...mail, headers });
    } finally {
      connection.close();
    }
  }
}
