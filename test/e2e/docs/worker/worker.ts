import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { route, TokenService } from 'nestjs-request-token';
import { createTransport } from 'nodemailer';
import { DataSource } from 'typeorm';
import { NewsletterController, NewsletterModule } from './newsletter.module.js';
import { User } from './user.entity.js';

@Injectable()
export class Mailing {
  private readonly mailer = createTransport(process.env.SMTP_URL);

  constructor(
    private readonly tokens: TokenService,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async sendToAll() {
    for (const user of await this.dataSource.manager.find(User)) {
      const link = await this.tokens.issue({
        user,
        target: route(NewsletterController, 'unsubscribe'), // https://example.com/api/v1/newsletter/unsubscribe
        expiresIn: '90d',
        maxUses: null,
      });
      await this.mailer.sendMail({
        from: 'news@example.com',
        to: user.email,
        subject: 'News',
        text: `Hello ${user.name}! To unsubscribe: <${link.url}>`,
        headers: { ...this.tokens.listUnsubscribe(link) },
      });
    }
  }
}

@Module({ imports: [NewsletterModule], providers: [Mailing] })
class WorkerModule {}

async function work() {
  const worker = await NestFactory.createApplicationContext(WorkerModule);
  await worker.get(Mailing).sendToAll();
  await worker.close();
}

void work();
