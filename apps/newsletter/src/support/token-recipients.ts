import { Injectable } from '@nestjs/common';
import type { RequestTokenAdminUsers } from 'nestjs-request-token/admin';
import { SubscribersService } from '../subscribers/subscribers.service.js';

/** Subscribers, as the pages of tokens show and find them: by their address. */
@Injectable()
export class TokenRecipients implements RequestTokenAdminUsers {
  constructor(private readonly subscribers: SubscribersService) {}

  async label(user: string): Promise<string | undefined> {
    return (await this.subscribers.findById(Number(user)))?.email;
  }

  async find(text: string) {
    const subscriber = await this.subscribers.findByEmail(text);
    return subscriber ? [subscriber] : [];
  }
}
