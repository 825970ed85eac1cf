import { Injectable, Module } from '@nestjs/common';
import { RequestTokenModule, RequestTokenUserLoader } from 'nestjs-request-token';
import { Directory, DirectoryModule, type Person } from './directory.js';

@Injectable()
export class DirectoryLoader extends RequestTokenUserLoader {
  constructor(private readonly directory: Directory) {
    super();
  }

  async load(uid: string): Promise<Person | undefined> {
    const person = await this.directory.find(uid);
    return person?.active ? person : undefined; // nobody: token_user_not_found
  }

  override identify(person: Person): string {
    return person.uid; // because its key is not called `id`
  }
}

@Module({
  imports: [
    RequestTokenModule.forRoot({
      keys: process.env.REQUEST_TOKEN_SECRET,
      baseUrl: 'https://example.com',
      users: DirectoryLoader,
      imports: [DirectoryModule], // exports what the loader injects
    }),
  ],
})
export class PeopleModule {}
