import { type PostgresServer, startPostgres } from '../test/support/postgres-server.js';
import { SubjectDatabase } from './database.js';
import { SubjectProcess } from './processes/subject-process.js';
import { SUBJECTS, type SubjectName } from './subjects/subject.js';

/** What measures work with: a durable Postgres, a database for each subject, and processes of them. */
export class Workbench {
  private profileCount = 0;
  private readonly processes = new Set<SubjectProcess>();

  private constructor(
    readonly postgres: PostgresServer,
    private readonly databases: ReadonlyMap<SubjectName, SubjectDatabase>,
    private readonly profiles: string | undefined,
  ) {}

  /** @param profiles the folder for CPU profiles of the servers, if there are to be any */
  static async open(profiles: string | undefined): Promise<Workbench> {
    const postgres = await startPostgres({ durable: true });
    const databases = await byName(SUBJECTS, (subject) => SubjectDatabase.create(postgres.url, subject));
    return new Workbench(postgres, databases, profiles);
  }

  database(subject: SubjectName): SubjectDatabase {
    return this.databases.get(subject)!;
  }

  /** Starts processes that take load, and so are worth a profile. */
  startServers<Subject extends SubjectName>(
    subjects: readonly Subject[],
  ): Promise<Map<Subject, SubjectProcess>> {
    return byName(subjects, (subject) => this.startServer(subject));
  }

  startEach<Subject extends SubjectName>(
    subjects: readonly Subject[],
  ): Promise<Map<Subject, SubjectProcess>> {
    return byName(subjects, (subject) => this.start(subject));
  }

  startServer(subject: SubjectName): Promise<SubjectProcess> {
    const profiling = this.profiles
      ? ['--cpu-prof', `--cpu-prof-dir=${this.profiles}`, `--cpu-prof-name=${this.profileName(subject)}`]
      : [];
    return this.start(subject, profiling);
  }

  async start(subject: SubjectName, nodeOptions: readonly string[] = []): Promise<SubjectProcess> {
    const process = await SubjectProcess.start(subject, this.database(subject).url, nodeOptions);
    this.processes.add(process);
    return process;
  }

  /** Ends the processes of a measure. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.processes].map((process) => process.stop()));
    this.processes.clear();
  }

  async close(): Promise<void> {
    await this.stopAll();
    await Promise.all([...this.databases.values()].map((database) => database.close()));
    await this.postgres.destroy();
  }

  private profileName(subject: SubjectName): string {
    return `${subject}-${(this.profileCount += 1)}.cpuprofile`;
  }
}

async function byName<Name, Value>(
  names: readonly Name[],
  make: (name: Name) => Promise<Value>,
): Promise<Map<Name, Value>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await make(name)] as const)));
}
