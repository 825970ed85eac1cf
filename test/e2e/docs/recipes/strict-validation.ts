import { All, Controller, type INestApplication, Query, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { Allow, IsInt, Min } from 'class-validator';
import { UseRequestToken } from 'nestjs-request-token';

export class LinkQuery {
  @Allow()
  rt?: string; // the token: the module has read it already
}

export class RsvpQuery extends LinkQuery {
  @Type(() => Number)
  @IsInt()
  @Min(1)
  seats!: number;
}

@Controller()
export class RsvpController {
  @All('rsvp')
  @UseRequestToken({ scope: 'rsvp', confirm: true })
  rsvp(@Query() { seats }: RsvpQuery) {
    return `${seats} seats are yours.`;
  }
}

/** In main.ts, before `app.listen()`. */
export function configure(app: INestApplication): void {
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
}
