import { Injectable } from '@nestjs/common';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { DkimKey } from '../dkim/dkim-key.js';
import type { MailSignature } from './one-click-verdict.js';

/** What mailauth tells of a signature beyond its types: the names of the signed fields, `From: To: …`. */
interface SignedFields {
  signingHeaders?: { keys: string };
}

/** Verifies DKIM signatures as a receiving server would, if the app's own record was published. */
@Injectable()
export class MailSignatures {
  constructor(private readonly dkimKey: DkimKey) {}

  async verify(raw: Buffer): Promise<MailSignature[]> {
    const { results } = await dkimVerify(raw, { resolver: (name) => this.resolve(name) });
    // A mail without a signature has one result all the same, which says so.
    return results.filter(isSignature).map((result) => {
      const { signingDomain, status, signingHeaders } = result;
      return {
        domain: signingDomain,
        valid: status.result === 'pass',
        covers: (signingHeaders?.keys ?? '').split(':').map((name) => name.trim().toLowerCase()),
        problem: status.comment || undefined,
      };
    });
  }

  /** Nothing is asked of any DNS server: a page must not wait for one, nor tell it what is read. */
  private resolve(name: string): Promise<string[][]> {
    const { publicRecord } = this.dkimKey;
    if (name.toLowerCase() === publicRecord.name) return Promise.resolve([[publicRecord.value]]);
    return Promise.reject(Object.assign(new Error(`${name} is not of this app`), { code: 'ENOTFOUND' }));
  }
}

function isSignature<Result extends { signingDomain?: string }>(
  result: Result,
): result is Result & SignedFields & { signingDomain: string } {
  return Boolean(result.signingDomain);
}
