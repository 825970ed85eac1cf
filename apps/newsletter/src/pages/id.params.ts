import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

const LARGEST_INTEGER_OF_POSTGRES = 2 ** 31 - 1;

export class IdParams {
  @Type(() => Number)
  @Max(LARGEST_INTEGER_OF_POSTGRES, { message: 'The number in the address is too large.' })
  @Min(1, { message: 'The number in the address must be at least 1.' })
  @IsInt({ message: 'The number in the address must be a whole number.' })
  id!: number;
}
