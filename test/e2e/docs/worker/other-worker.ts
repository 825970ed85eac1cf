import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RequestTokenModule, TokenService } from 'nestjs-request-token';
import { createTransport } from 'nodemailer';

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.DATABASE_URL, // the database of the API
      autoLoadEntities: true,
    }),
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET, // as in the API, and so is all that is in a link:
      baseUrl: process.env.PUBLIC_URL, // baseUrl, parameter and issuer
    }),
  ],
})
class OtherWorkerModule {}

async function work([userId, email]: string[]) {
  const worker = await NestFactory.createApplicationContext(OtherWorkerModule);
  const tokens = worker.get(TokenService);
  const link = await tokens.issue({
    user: userId,
    scope: 'unsubscribe',
    target: '/api/v1/newsletter/unsubscribe',
    expiresIn: '90d',
    maxUses: null,
  });
  await createTransport(process.env.SMTP_URL).sendMail({
    from: 'news@example.com',
    to: email,
    subject: 'News',
    text: `To unsubscribe: <${link.url}>`,
    headers: { ...tokens.listUnsubscribe(link) },
  });
  await worker.close();
}

void work(process.argv.slice(2));
