import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

export class PageQuery {
  @Type(() => Number)
  @Max(1_000_000, { message: 'There are not that many pages.' })
  @Min(1, { message: 'Pages are counted from 1.' })
  @IsInt({ message: 'The page must be a whole number.' })
  page: number = 1;
}
