import { IsString, MaxLength } from 'class-validator';

export class MailingParams {
  @IsString()
  @MaxLength(100)
  slug!: string;
}
