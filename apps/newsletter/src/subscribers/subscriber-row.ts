import { Transform } from 'class-transformer';
import { IsEmail, IsNotEmpty, Matches, MaxLength } from 'class-validator';

const trim = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.trim() : value);

/** One line of a CSV file of subscribers. Of several decorators the lowest is checked first. */
export class SubscriberRow {
  @Transform(trim)
  @IsEmail({}, { message: '"$value" is not an e-mail address' })
  @IsNotEmpty({ message: 'the e-mail address is missing' })
  email!: string;

  @Transform(trim)
  @Matches(/^[^\p{Cc}\uFFFD]*$/u, { message: 'the name contains a line break or is not UTF-8 text' })
  @MaxLength(200, { message: 'the name is longer than 200 characters' })
  @IsNotEmpty({ message: 'the name is missing' })
  name!: string;
}
