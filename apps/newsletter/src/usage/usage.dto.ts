import { Transform } from 'class-transformer';
import { IsNotEmpty, IsString, IsUUID, MaxLength } from 'class-validator';

export class TokenParams {
  @IsUUID('all', { message: 'The address does not name a token.' })
  id!: string;
}

/** Of several decorators the lowest is checked first. */
export class LinkDto {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @MaxLength(8192, { message: 'That is too long to be a link of this app.' })
  @IsNotEmpty({ message: 'Please paste a link.' })
  @IsString({ message: 'Please paste one link.' })
  link!: string;
}
