import { Catch, Controller, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { RequestTokenException, TokenService } from 'nestjs-request-token';
import { throwError } from 'rxjs';

@Catch(RequestTokenException)
export class RefusedFilter implements RpcExceptionFilter<RequestTokenException> {
  catch({ code, message }: RequestTokenException) {
    return throwError(() => ({ code, message }));
  }
}

@Controller()
@UseFilters(RefusedFilter)
export class ExportsWorker {
  constructor(private readonly tokens: TokenService) {}

  @MessagePattern('export')
  async export(@Payload() { token }: { token: string }) {
    const { userId, data } = await this.tokens.redeem(token, { scope: 'export' });
    return { file: `${userId}.csv`, columns: data.columns };
  }
}
