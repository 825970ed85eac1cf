import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import type { Repository } from 'typeorm';
import { MailSignatures } from '../one-click/mail-signatures.js';
import { type HeaderField, judgeOneClick, type OneClickVerdict } from '../one-click/one-click-verdict.js';
import { PAGE_SIZE, paginate, type Pagination } from '../pages/pagination.js';
import { InboxMessage } from './inbox-message.entity.js';
import { sanitizeMail } from './sanitize-mail.js';

export interface MailSummary {
  id: number;
  receivedAt: Date;
  from: string;
  to: string;
  subject: string;
}

export interface Mail extends MailSummary {
  headers: HeaderField[];
  oneClick: OneClickVerdict;
  html?: string;
  text?: string;
}

@Injectable()
export class InboxService {
  constructor(
    @InjectRepository(InboxMessage) private readonly messages: Repository<InboxMessage>,
    private readonly signatures: MailSignatures,
  ) {}

  async receive(raw: Buffer): Promise<void> {
    await this.messages.insert({ raw });
  }

  async list(page: number): Promise<{ mails: MailSummary[]; pagination: Pagination }> {
    const [messages, total] = await this.messages.findAndCount({
      order: { id: 'DESC' },
      skip: (page - 1) * PAGE_SIZE,
      take: PAGE_SIZE,
    });
    const mails = await Promise.all(
      messages.map(async (message) => summaryOf(message, await simpleParser(message.raw))),
    );
    return { mails, pagination: paginate(page, total) };
  }

  async get(id: number): Promise<Mail> {
    const message = await this.messages.findOneBy({ id });
    if (!message) throw new NotFoundException('There is no such mail.');
    const parsed = await simpleParser(message.raw);
    const headers = parsed.headerLines.map(({ line }) => splitHeader(line));
    return {
      ...summaryOf(message, parsed),
      headers,
      oneClick: judgeOneClick(headers, await this.signatures.verify(message.raw)),
      html: parsed.html ? sanitizeMail(parsed.html) : undefined,
      text: parsed.text,
    };
  }
}

function summaryOf({ id, receivedAt }: InboxMessage, parsed: ParsedMail): MailSummary {
  return {
    id,
    receivedAt,
    from: addressesOf(parsed.from),
    to: addressesOf(parsed.to),
    subject: parsed.subject ?? '(no subject)',
  };
}

function addressesOf(addresses: AddressObject | AddressObject[] | undefined): string {
  return [addresses ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .map(({ name, address }) => (name ? `${name} <${address}>` : address))
    .join(', ');
}

function splitHeader(line: string): HeaderField {
  const colon = line.indexOf(':');
  return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
}
