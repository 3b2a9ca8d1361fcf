namespace Notify.Kernel.Http;

/// <summary>Fields that the OpenAPI document adds to a type, since what is registered decides which there are.</summary>
/// <param name="Fields">By their names in JSON.</param>
public sealed record AddedFields(Type Owner, IReadOnlyDictionary<string, Type> Fields);
