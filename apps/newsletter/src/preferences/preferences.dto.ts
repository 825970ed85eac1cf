import { Transform } from 'class-transformer';
import { IsIn, IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import { MAIL_FORMATS, type MailFormat } from '../subscribers/subscriber.entity.js';

/** Of several decorators the lowest is checked first. */
export class PreferencesDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @Matches(/^\P{Cc}*$/u, { message: 'Please enter a name without control characters.' })
  @MaxLength(200, { message: 'Please enter a name of at most 200 characters.' })
  @IsNotEmpty({ message: 'Please enter a name.' })
  @IsString({ message: 'Please enter one name.' })
  name!: string;

  @IsIn(MAIL_FORMATS, { message: 'Please choose how mails should look.' })
  mailFormat!: MailFormat;
}
