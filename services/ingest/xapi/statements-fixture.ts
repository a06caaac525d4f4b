/** Statements in the shape that real systems send them. Only tests read this. */

const CURSO = 'https://ead.exemplo.br/course/view.php?id=42';
const ADL = 'http://adlnet.gov/expapi/verbs';

export const CPF = '52998224725';
export const porCpf = (name = CPF) => ({ account: { homePage: 'https://sebrae.com.br/cpf', name } });

const atividade = (id: string, tipo: string, nome: string) => ({
  id,
  definition: { type: `http://id.tincanapi.com/activitytype/${tipo}`, name: { pt_br: nome } },
});

/** Moodle, plugin logstore_xapi: no id, no objectType, no registration, a whole site in the context. */
const doMoodle = {
  actor: { name: 'Maria Souza', account: { homePage: 'https://ead.exemplo.br', name: '17' } },
  verb: { id: `${ADL}/completed`, display: { pt_br: 'completed' } },
  object: atividade(CURSO, 'lms/course', 'Formação de preço'),
  timestamp: '2026-03-02T10:15:00-03:00',
  context: {
    platform: 'Moodle',
    language: 'pt_br',
    extensions: {
      'http://lrs.learninglocker.net/define/extensions/info': {
        'http://moodle.org': '4.5',
        event_name: '\\core\\event\\course_completed',
        event_function: '\\src\\transformer\\events\\core\\course_completed',
      },
    },
    contextActivities: {
      grouping: [atividade('https://ead.exemplo.br', 'lms', 'EAD')],
      category: [atividade('http://moodle.org', 'source', 'Moodle')],
    },
  },
};

export const MOODLE = {
  /** As the plugin comes: the user is a number of Moodle's. */
  usuarioNumerico: doMoodle,
  /** With "identify users by email": objectType is a list, as the plugin has it. */
  usuarioPorEmail: {
    ...doMoodle,
    actor: { name: 'Maria Souza', objectType: ['Agent'], mbox: `mailto:${CPF}@exemplo.br` },
  },
  /** With the CPF for a user name, and the home page that says so. */
  conclusao: { ...doMoodle, actor: { name: 'Maria Souza', ...porCpf('529.982.247-25') } },
  conclusaoComVerboAntigo: {
    ...doMoodle,
    actor: porCpf(),
    verb: { id: 'http://id.tincanapi.com/verb/completed', display: { pt_br: 'completed' } },
  },
  conclusaoDesfeita: { ...doMoodle, actor: porCpf(), result: { completion: false } },
  visita: {
    ...doMoodle,
    actor: porCpf(),
    verb: { id: 'http://id.tincanapi.com/verb/viewed', display: { pt_br: 'viewed' } },
  },
};

const AU = 'https://lms.exemplo.br/cmi5/au/4756b422';

/** cmi5 content, launched with the CPF's home page and the unit in the context template. */
const doCmi5 = {
  id: '817cbcbd-c553-4ff2-ae5f-cd9858d25fc1',
  actor: { objectType: 'Agent', name: 'Maria Souza', ...porCpf() },
  verb: { id: `${ADL}/initialized`, display: { und: 'initialized' } },
  object: { objectType: 'Activity', id: AU, definition: { name: { 'pt-BR': 'Formação de preço' } } },
  context: {
    registration: 'ff76a00e-5b3f-4bfc-ba3d-6f4365f96753',
    contextActivities: {
      grouping: [{ objectType: 'Activity', id: 'https://cursos.exemplo.br/02baafcf/aus/4c07' }],
      category: [{ objectType: 'Activity', id: 'https://w3id.org/xapi/cmi5/context/categories/cmi5' }],
    },
    extensions: {
      'https://w3id.org/xapi/cmi5/context/extensions/sessionid': '2d5437c4-7ca2-4c05-a5b9-22e9127e180a',
      'https://sebrae.com.br/xapi/unidade': 'MG',
      'https://sebrae.com.br/xapi/disponibilizacaoId': 'CA-42-2026',
    },
  },
  timestamp: '2026-03-02T13:15:27.883Z',
};

const progresso = (n: unknown) => ({
  ...doCmi5,
  verb: { id: `${ADL}/progressed`, display: { en: 'progressed' } },
  result: { extensions: { 'https://w3id.org/xapi/cmi5/result/extensions/progress': n } },
});

export const CMI5 = {
  inicio: doCmi5,
  progresso,
  conclusao: {
    ...doCmi5,
    verb: { id: `${ADL}/completed`, display: { und: 'completed' } },
    result: {
      completion: true,
      duration: 'PT54.88S',
      extensions: { 'https://w3id.org/xapi/cmi5/result/extensions/progress': 100 },
    },
  },
  /** By the LMS, of a session that never ended. */
  abandono: {
    ...doCmi5,
    verb: { id: 'https://w3id.org/xapi/adl/verbs/abandoned', display: { en: 'abandoned' } },
    result: { duration: 'PT10M' },
  },
  aprovacao: {
    ...doCmi5,
    verb: { id: `${ADL}/passed`, display: { und: 'passed' } },
    result: { success: true, score: { scaled: 0.9 } },
  },
  grupo: {
    ...doCmi5,
    actor: { objectType: 'Group', name: 'Turma A', member: [{ objectType: 'Agent', ...porCpf() }] },
  },
  anulacao: {
    actor: porCpf(),
    verb: { id: `${ADL}/voided` },
    object: { objectType: 'StatementRef', id: '817cbcbd-c553-4ff2-ae5f-cd9858d25fc1' },
  },
};
