import { All, Controller, Render } from '@nestjs/common';
import { UseRequestToken } from 'nestjs-request-token';
import { CurrentSubscriber } from './current-subscriber.decorator.js';
import { Subscriber } from './subscriber.entity.js';
import { SubscribersService } from './subscribers.service.js';

@Controller()
export class UnsubscribeController {
  constructor(private readonly subscribers: SubscribersService) {}

  @All('unsubscribe')
  @UseRequestToken({
    scope: 'unsubscribe',
    confirm: {
      title: 'Unsubscribe?',
      message: 'You will get no more mail from this newsletter.',
      button: 'Unsubscribe',
      translations: {
        de: {
          title: 'Abmelden?',
          message: 'Sie bekommen dann keine Mails dieses Newsletters mehr.',
          button: 'Abmelden',
        },
      },
    },
  })
  @Render('unsubscribed')
  async unsubscribe(@CurrentSubscriber() subscriber: Subscriber) {
    await this.subscribers.unsubscribe(subscriber);
    return { title: 'You are unsubscribed', email: subscriber.email };
  }
}
