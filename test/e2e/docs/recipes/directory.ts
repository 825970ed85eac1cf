import { Injectable, Module } from '@nestjs/common';

/** Stands in the recipes for whatever an app finds its users by. */
export interface Person {
  uid: string;
  name: string;
  active: boolean;
}

@Injectable()
export class Directory {
  private readonly people: Person[] = [
    { uid: 'ann', name: 'Ann', active: true },
    { uid: 'bob', name: 'Bob', active: false },
  ];

  find(uid: string): Promise<Person | undefined> {
    return Promise.resolve(this.people.find((person) => person.uid === uid));
  }
}

@Module({ providers: [Directory], exports: [Directory] })
export class DirectoryModule {}
