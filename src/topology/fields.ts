export * from '../model/fields.js';
