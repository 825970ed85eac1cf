import { type PostgresServer, startPostgres } from '../test/support/postgres-server.js';
import { SubjectDatabase } from './database.js';
import { SubjectProcess } from './processes/subject-process.js';
import { SUBJECTS, type SubjectName } from './subjects/subject.js';

/** What measures work with: a durable Postgres, a database for each subject, and processes of them. */
export class Workbench {
  private readonly databases = new Map<SubjectName, SubjectDatabase>();
  private readonly processes = new Set<SubjectProcess>();

  private constructor(
    readonly postgres: PostgresServer,
    private readonly profiles: string | undefined,
  ) {}

  /** @param profiles the folder for CPU profiles of the servers, if there are to be any */
  static async open(profiles: string | undefined): Promise<Workbench> {
    const workbench = new Workbench(await startPostgres({ durable: true }), profiles);
    for (const subject of SUBJECTS) {
      workbench.databases.set(subject, await SubjectDatabase.create(workbench.postgres.url, subject));
    }
    return workbench;
  }

  database(subject: SubjectName): SubjectDatabase {
    const database = this.databases.get(subject);
    if (!database) throw new Error(`${subject} has no database`);
    return database;
  }

  /** Starts a process that takes load, and so is worth a profile. */
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
    return `${subject}-${this.processes.size}.cpuprofile`;
  }
}
