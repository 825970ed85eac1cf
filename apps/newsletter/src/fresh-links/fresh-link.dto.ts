import { IsString, MaxLength } from 'class-validator';

/** The expired token, on its way from the link through the form to the one who renews it. */
export class ExpiredTokenDto {
  @MaxLength(8192, { message: 'That is too long to be a link of this app.' })
  @IsString({ message: 'Please open the link in your mail again.' })
  rt!: string;
}
