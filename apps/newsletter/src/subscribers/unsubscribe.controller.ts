import { Controller, Get, Render } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { CurrentSubscriber } from './current-subscriber.decorator.js';
import { Subscriber } from './subscriber.entity.js';
import { SubscribersService } from './subscribers.service.js';

@Controller()
export class UnsubscribeController {
  constructor(private readonly subscribers: SubscribersService) {}

  @Get('unsubscribe')
  @UseRequestToken({ scope: 'unsubscribe' })
  @Render('unsubscribed')
  async unsubscribe(@CurrentSubscriber() subscriber: Subscriber) {
    await this.subscribers.unsubscribe(subscriber);
    return { title: 'You are unsubscribed', email: subscriber.email };
  }
}
