import { Transform } from 'class-transformer';
import { IsEmail, IsString, MaxLength } from 'class-validator';

/** Of several decorators the lowest is checked first. */
export class SignInDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsEmail({}, { message: 'Please enter an e-mail address, such as ann@example.com.' })
  @MaxLength(254, { message: 'Please enter an e-mail address of at most 254 characters.' })
  @IsString({ message: 'Please enter one e-mail address.' })
  email!: string;
}
