import { Injectable } from '@nestjs/common';
import type { Mailing } from '../mailings/mailings.service.js';
import { DeliveriesService, type MailingProgress } from './deliveries.service.js';
import { MailingSender } from './mailing-sender.js';

/** What a page shows of a mailing. */
export interface MailingStatus extends MailingProgress {
  slug: string;
  title: string;
  running: boolean;
  /** Whether sending it now would mail anybody. */
  sendable: boolean;
  done: number;
  total: number;
}

export interface MailingProblem {
  email: string;
  interrupted: boolean;
  reason: string | null;
}

@Injectable()
export class MailingStatusService {
  constructor(
    private readonly deliveries: DeliveriesService,
    private readonly sender: MailingSender,
  ) {}

  async of(mailing: Mailing): Promise<MailingStatus> {
    const running = await this.sender.isSending(mailing);
    const progress = settle(await this.deliveries.progress(mailing.slug), running);
    const done = progress.sent + progress.failed + progress.interrupted;
    return {
      ...progress,
      slug: mailing.slug,
      title: mailing.template.title,
      running,
      sendable: !running && progress.waiting + progress.failed > 0,
      done,
      total: done + progress.sending + progress.waiting,
    };
  }

  async problems({ slug, running }: MailingStatus): Promise<MailingProblem[]> {
    const deliveries = await this.deliveries.problems(
      slug,
      running ? ['failed', 'interrupted'] : ['failed', 'interrupted', 'sending'],
    );
    return deliveries.map(({ subscriber, status, reason }) => ({
      email: subscriber?.email ?? '',
      interrupted: status !== 'failed',
      reason,
    }));
  }
}

/** A mail that is `sending` although nobody sends was cut short; the next run will write that down. */
function settle(progress: MailingProgress, running: boolean): MailingProgress {
  if (running) return progress;
  return { ...progress, sending: 0, interrupted: progress.interrupted + progress.sending };
}
