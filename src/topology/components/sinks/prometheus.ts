import { z } from 'zod';
import { MetricsSink } from '../../../sinks/metrics/metrics-sink.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const LISTEN = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):(\d{1,5})$/;

const listen = z
  .string()
  .default('127.0.0.1:9464')
  .describe('Address and port to serve on; port 0 takes a free one, which is logged.')
  .refine((text) => Number(LISTEN.exec(text)?.[2] ?? 65_536) <= 65_535, {
    message: 'an address and a port, for example 127.0.0.1:9464, 0.0.0.0:9464',
  });

const config: z.ZodObject<{ listen: z.ZodDefault<z.ZodString>; required: z.ZodDefault<z.ZodBoolean> }> =
  z.strictObject({
    listen,
    required: z
      .boolean()
      .default(false)
      .describe('True: refuse to start when the port is taken. False: warn and run without metrics.'),
  });

export const prometheusSpec: SinkSpec = defineSink({
  type: 'prometheus',
  summary: 'Serves metrics for Prometheus, and health checks.',
  description:
    'Answers `/metrics` (Prometheus text), `/healthz` (the process is alive) and `/readyz` (200 when the engine may trade, else 503, with the state of each component as JSON). Figures are read on scrape and cost the loop nothing. Anyone who reaches the port can read them: keep it on a private address.',
  config,
  examples: ['listen: 127.0.0.1:9464', 'listen: 127.0.0.1:0\nrequired: true'],
  reload: 'restart',
  accepts: [],
  inputsOptional: true,
  delivery: 'best_effort',
  make: (options, context) => {
    const match = LISTEN.exec(options.listen);
    return new MetricsSink({
      host: (match?.[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''),
      port: Number(match?.[2] ?? 9464),
      required: options.required,
      engine: context.engine,
      state: context.state,
      log: context.log,
    });
  },
});
