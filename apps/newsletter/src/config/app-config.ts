import { plainToInstance, Type } from 'class-transformer';
import {
  IsByteLength,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';
import { StartupError } from './startup-error.js';

/** What can be set from outside: each property is an environment variable of the same name. */
export class AppConfig {
  @Type(() => Number)
  @Max(65535, { message: 'PORT must not be more than 65535' })
  @Min(0, { message: 'PORT must not be less than 0' })
  @IsInt({ message: 'PORT must be a whole number' })
  PORT: number = 3000;

  @IsString()
  @IsNotEmpty()
  HOST: string = '127.0.0.1';

  /** Where the embedded database and the generated secrets are kept; relative to the current directory. */
  @IsString()
  @IsNotEmpty()
  DATA_DIR: string = '.data';

  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/./, { message: 'DATABASE_URL must begin with postgres://' })
  DATABASE_URL?: string;

  @IsOptional()
  @Matches(/^smtps?:\/\/./, { message: 'SMTP_URL must begin with smtp:// or smtps://' })
  SMTP_URL?: string;

  /** Sender of the mailings; a real SMTP server accepts only addresses that it knows. */
  @Matches(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/, {
    message: 'MAIL_FROM must be an address such as news@example.com or News <news@example.com>',
  })
  MAIL_FROM: string = 'Newsletter <newsletter@localhost>';

  /** A CSV file of subscribers; the shipped one if not set. */
  @IsOptional()
  @IsString()
  SUBSCRIBERS?: string;

  /** What links in mails begin with; the address of this process if not set. */
  @IsOptional()
  @IsUrl(
    {
      protocols: ['http', 'https'],
      require_protocol: true,
      require_tld: false,
      disallow_auth: true,
      allow_query_components: false,
      allow_fragments: false,
    },
    { message: 'BASE_URL must be an absolute http or https URL without query' },
  )
  BASE_URL?: string;

  @IsOptional()
  @IsByteLength(32, undefined, { message: 'REQUEST_TOKEN_SECRET must be at least 32 bytes long' })
  REQUEST_TOKEN_SECRET?: string;
}

/**
 * Reads and checks the configuration. An empty variable counts as not set, because that is what Docker
 * Compose makes of one that is missing.
 */
export function readConfig(env: NodeJS.ProcessEnv): AppConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const config = plainToInstance(AppConfig, given, { exposeDefaultValues: true });
  const messages = validateSync(config, { stopAtFirstError: true }).flatMap((error) =>
    Object.values(error.constraints ?? {}),
  );
  if (messages.length > 0) throw new StartupError(`${messages.join('; ')}.`);
  return config;
}
