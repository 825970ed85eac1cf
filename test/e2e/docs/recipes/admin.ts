import { Injectable, Module, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { RequestTokenAdminModule } from 'nestjs-request-token/admin';

@Injectable()
export class StaffGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { user } = context.switchToHttp().getRequest<{ user?: { isStaff: boolean } }>();
    return user?.isStaff === true; // as your app tells who may help customers
  }
}

@Module({
  imports: [RequestTokenAdminModule.register({ guards: [StaffGuard] })],
})
export class SupportModule {}
