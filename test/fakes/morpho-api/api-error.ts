import { GraphQLError } from 'graphql'

/** An error in the shape in which the API tells it: words and a code. */
export function apiError({ message, code }: { message: string; code: string }): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

export function notFound(): GraphQLError {
  return apiError({ message: 'No results matching given parameters', code: 'NOT_FOUND' })
}

export function badInput(message: string): GraphQLError {
  return apiError({ message, code: 'BAD_USER_INPUT' })
}
