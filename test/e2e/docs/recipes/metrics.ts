import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Call it before the app is made. Prometheus scrapes http://localhost:9464/metrics then. */
export async function startMetrics(port = 9464): Promise<MeterProvider> {
  const exporter = new PrometheusExporter({ port, preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  await exporter.startServer();
  return provider;
}
