import { Injectable } from '@nestjs/common';
import { TokenService } from 'nestjs-request-token';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class Seat {
  @PrimaryColumn('int')
  number!: number;

  @Column('text')
  userId!: string;
}

@Injectable()
export class Bookings {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: TokenService,
  ) {}

  book(jwt: string, number: number): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      const { userId } = await this.tokens.redeem(jwt, { scope: 'book', manager });
      await manager.insert(Seat, { number, userId: userId! }); // fails if the seat is taken
    });
  }
}
